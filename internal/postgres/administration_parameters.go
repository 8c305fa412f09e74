package postgres

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype/zeronull"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/office"
	"portal/internal/once"
)

const parameterVersions = `
	SELECT v.id, v.from_day, v.idle_minutes, v.login_hours, v.file_mb, v.files, v.together_mb, v.name, v.tagline, v.inps, v.enpap, v.rest_days,
		v.grounds, v.proposed_by, a.given_name || ' ' || a.family_name, v.proposed_at, v.state,
		v.decided_by, coalesce(d.given_name || ' ' || d.family_name, ''), v.decided_at, v.why
	FROM parameter_versions v JOIN persons a ON a.id = v.proposed_by LEFT JOIN persons d ON d.id = v.decided_by
	ORDER BY v.from_day DESC, v.proposed_at DESC`

// History is every version of the parameters, the latest first.
func (s *Administration) History(ctx context.Context) (office.History, error) {
	return parameterHistory(ctx, s.pool)
}

func parameterHistory(ctx context.Context, db DB) (office.History, error) {
	rows, _ := db.Query(ctx, parameterVersions)
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (v office.ParameterVersion, err error) {
		return v, row.Scan(&v.ID, &v.From, &v.IdleMinutes, &v.LoginHours, &v.FileMB, &v.Files, &v.TogetherMB, &v.Name, &v.Tagline, &v.INPS, &v.ENPAP, &v.RestDays,
			&v.Grounds, &v.Proposed.Person, &v.Proposed.Name, &v.Proposed.At, &v.State,
			(*nullText)(&v.Decided.Person), &v.Decided.Name, (*zeronull.Timestamptz)(&v.Decided.At), &v.Why)
	})
	if err != nil {
		return nil, fmt.Errorf("parameters: %w", translate(err))
	}
	return all, nil
}

// lockParameters lets one act at a time change the history; whoever reads it goes on.
const lockParameters = `LOCK TABLE parameter_versions IN SHARE ROW EXCLUSIVE MODE`

// parameterFaults are the refusals that the database gives in its own words.
var parameterFaults = map[string]error{
	"parameters_are_proposed_one_at_a_time":      office.ErrParametersOpen,
	"parameters_begin_after_they_are_confirmed":  office.ErrParametersLate,
	"nobody_decides_on_parameters_they_proposed": office.ErrParametersOwn,
	"parameters_are_decided_on_once":             office.ErrParametersDecided,
}

// ProposeParameters locks the history, asks for a version and saves it.
func (s *Administration) ProposeParameters(ctx context.Context, form once.Form, e audit.Entry, decide func(office.History) (office.ParameterVersion, error)) (office.VersionID, error) {
	id, err := actOnce(ctx, s.pool, form, e.At, func(ctx context.Context, tx pgx.Tx) (string, error) {
		if _, err := tx.Exec(ctx, lockParameters); err != nil {
			return "", err
		}
		h, err := parameterHistory(ctx, tx)
		if err != nil {
			return "", err
		}
		v, err := decide(h)
		if err != nil {
			return "", err
		}
		if _, err := tx.Exec(ctx, `
			INSERT INTO parameter_versions (id, from_day, idle_minutes, login_hours, file_mb, files, together_mb, name, tagline, inps, enpap, rest_days, grounds, proposed_by, proposed_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, coalesce($12::jsonb, '[]'), $13, $14, $15)`,
			string(v.ID), v.From, v.IdleMinutes, v.LoginHours, v.FileMB, v.Files, v.TogetherMB, v.Name, v.Tagline, v.INPS, v.ENPAP, restDaysValue(v.RestDays),
			v.Grounds, string(v.Proposed.Person), v.Proposed.At); err != nil {
			return "", err
		}
		e.Subject = string(v.ID)
		return string(v.ID), write(ctx, tx, e)
	})
	return office.VersionID(id), refusedBy(parameterFaults, "propose parameters", err)
}

func restDaysValue(all []office.RestDay) []office.RestDay {
	if all == nil {
		return []office.RestDay{}
	}
	return all
}

// DecideParameters locks the history, asks what becomes of a version and saves it.
func (s *Administration) DecideParameters(ctx context.Context, form once.Form, id office.VersionID, e audit.Entry, decide func(office.ParameterVersion) (office.ParameterVersion, error)) error {
	_, err := actOnce(ctx, s.pool, form, e.At, func(ctx context.Context, tx pgx.Tx) (string, error) {
		if _, err := tx.Exec(ctx, lockParameters); err != nil {
			return "", err
		}
		h, err := parameterHistory(ctx, tx)
		if err != nil {
			return "", err
		}
		v, err := h.Version(id)
		if err != nil {
			return "", err
		}
		if v, err = decide(v); err != nil {
			return "", err
		}
		if _, err := tx.Exec(ctx, `UPDATE parameter_versions SET state = $2, decided_by = $3, decided_at = $4, why = $5 WHERE id = $1`,
			string(id), string(v.State), string(v.Decided.Person), v.Decided.At, v.Why); err != nil {
			return "", err
		}
		return string(id), write(ctx, tx, e)
	})
	return refusedBy(parameterFaults, "decide on parameters", err)
}

// restDays are the days of rest that the parameters name, for the stores that hand out
// rules. What is confirmed begins on a later day, so that what was read a moment ago
// serves: it is asked for once in restDaysServe, by one reader at a time.
type restDays struct {
	mu    sync.Mutex
	known []calendar.Extra
	read  bool // they were, once
	fresh bool // not long ago, or somebody reads them now
}

const restDaysServe = 30 * time.Second

const restDaysSQL = `
	WITH versions AS (
		SELECT from_day, lead(from_day) OVER (ORDER BY from_day) AS until_day, rest_days FROM parameter_versions WHERE state = 'confirmed')
	SELECT (d->>'day')::date, v.from_day, v.until_day FROM versions v, jsonb_array_elements(v.rest_days) d ORDER BY 1, 2`

// days are all of them, each with the terms for which it counts. Whoever is the one to
// ask does so on a connection of theirs.
func (r *restDays) days(ctx context.Context, db DB) ([]calendar.Extra, error) {
	r.mu.Lock()
	if r.fresh {
		defer r.mu.Unlock()
		return r.known, nil
	}
	r.fresh = r.read
	r.mu.Unlock()
	rows, _ := db.Query(ctx, restDaysSQL)
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[calendar.Extra])
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil {
		r.fresh = false
		return nil, fmt.Errorf("days of rest: %w", translate(err))
	}
	r.known, r.read, r.fresh = all, true, true
	time.AfterFunc(restDaysServe, r.age)
	return r.known, nil
}

// age makes the next reader ask again.
func (r *restDays) age() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fresh = false
}
