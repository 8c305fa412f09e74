package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
)

// account is who the server runs as.
type account struct {
	name     string
	uid, gid int
	lent     *syscall.Credential // nil when it is our own
}

// serverAccount is our own account, or for root, as whom PostgreSQL refuses to
// run, the account of Debian's package or the one that owns nothing.
func serverAccount() (account, error) {
	if os.Geteuid() != 0 {
		return account{name: strconv.Itoa(os.Geteuid()), uid: os.Geteuid(), gid: os.Getegid()}, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, errUID := strconv.Atoi(u.Uid)
		gid, errGID := strconv.Atoi(u.Gid)
		if err := errors.Join(errUID, errGID); err != nil {
			return account{}, fmt.Errorf("account %s: %w", name, err)
		}
		lent := &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid), Groups: []uint32{}}
		return account{name: name, uid: uid, gid: gid, lent: lent}, nil
	}
	return account{}, errors.New("PostgreSQL does not run as root, " +
		"and this machine has no account postgres or nobody to run it as")
}

// command is a program to be run as the account, in a folder it can enter, in a
// process group of its own: Ctrl-C reaches the portal alone, which ends its own
// work first. Nothing of our environment is handed on.
func (a account) command(ctx context.Context, dir, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = dir
	cmd.Env = []string{"PATH=/usr/bin:/bin", "TZ=UTC", "LC_ALL=C"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: a.lent, Setpgid: true}
	return cmd
}

// canEnter tells whether the account reaches a folder: a checkout below root's
// home is closed to everybody else.
func (a account) canEnter(ctx context.Context, dir string) bool {
	if a.lent == nil {
		return true
	}
	return a.command(ctx, "/", "/bin/sh", "-c", `test -x "$1"`, "sh", dir).Run() == nil
}

// privateDir makes a folder that belongs to the account alone, or takes the one
// that is there after making sure that it does: the folders above may be open
// to everybody.
func privateDir(path string, acc account) error {
	if err := os.Mkdir(path, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	owner := int(info.Sys().(*syscall.Stat_t).Uid)
	if !info.IsDir() || info.Mode().Perm() != 0o700 || (owner != acc.uid && owner != os.Geteuid()) {
		return fmt.Errorf("%s is not a private folder of the account %s: remove it", path, acc.name)
	}
	return os.Lchown(path, acc.uid, acc.gid)
}
