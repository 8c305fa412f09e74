package office

import "portal/internal/identity"

// mayAdminister tells whether somebody administers the portal.
func mayAdminister(who identity.Actor) error {
	return who.Must(identity.Oversight, identity.Administer)
}

// mayDecide tells whether an administrator may decide on what another proposed, as long as
// it is open; decided and own are why not.
func mayDecide(who identity.Actor, proposed identity.Hand, open bool, decided, own error) error {
	switch err := mayAdminister(who); {
	case err != nil:
		return err
	case !open:
		return decided
	case proposed.Person == who.Person:
		return own
	}
	return nil
}

// mayWithdraw tells whether what is open is the administrator's own, to take back.
func mayWithdraw(who identity.Actor, proposed identity.Hand, open bool, decided error) error {
	switch err := mayAdminister(who); {
	case err != nil:
		return err
	case !open:
		return decided
	case proposed.Person != who.Person:
		return ErrNotProposer
	}
	return nil
}
