package postgres_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"portal/internal/indemnity"
	"portal/internal/money"
)

// oneByte is what a column becomes with a byte of it flipped, by its type.
func oneByte(column, kind string) string {
	switch kind {
	case "boolean":
		return "NOT " + column
	case "integer", "bigint":
		return "coalesce(" + column + ", 0) + 1000"
	case "text":
		return "coalesce(" + column + ", '') || 'x'"
	case "bytea":
		return "set_byte(" + column + ", 0, get_byte(" + column + ", 0) # 1)"
	case "date":
		return column + " + 1"
	case "timestamp with time zone":
		return column + " + interval '1 microsecond'"
	case "uuid":
		return "gen_random_uuid()"
	case "ARRAY":
		return column + " || 'x'::text"
	case "json", "jsonb":
		return "CASE " + column + "::text WHEN '[]' THEN '[" + map[string]string{"ties": `["x"]`, "exclusions": `{}`}[column] + "]' ELSE regexp_replace(" + column + "::text, '[1-8]', '9') END::" + kind
	}
	return ""
}

// Whatever byte of a publication somebody changes who owns the database: a column of a row,
// of the ranking itself, or what was told to everybody. All of it is signed, or comes out
// otherwise when the ranking is made again.
func TestWhateverByteOfAPublicationChangesIsNamed(t *testing.T) {
	t.Parallel()
	d := newRankingDesk(t, 1800*money.Euro)
	d.suitable("2026-04-01", "2026-05-05")
	d.suitable("2026-05-07", "2026-05-20")
	id := d.published()
	var row string
	if err := d.pool.QueryRow(t.Context(), `SELECT protocol FROM indemnity_ranking_entries WHERE ranking_id = $1 AND rank = 1`, string(id)).Scan(&row); err != nil {
		t.Fatal(err)
	}
	if _, err := d.pool.Exec(t.Context(), `
		DO $$ DECLARE c record; BEGIN
			FOR c IN SELECT conrelid::regclass AS of, conname FROM pg_constraint WHERE contype = 'c' AND conrelid IN ('indemnity_rankings'::regclass, 'indemnity_ranking_entries'::regclass, 'indemnity_public_lists'::regclass)
			LOOP EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', c.of, c.conname); END LOOP;
		END $$`); err != nil {
		t.Fatal(err)
	}
	// The name by which a ranking is asked for; and what it is by now, which the register has.
	beyond := []string{"indemnity_rankings.id", "indemnity_rankings.state", "indemnity_public_lists.ranking_id"}
	unnamed := []string{"ranking_id", "application_id", "case_version", "public_code"} // of a row: it is the cases of the ranking that are not what was signed
	for table, which := range map[string]string{"indemnity_ranking_entries": `ranking_id = '` + string(id) + `' AND protocol = '` + row + `'`, "indemnity_rankings": `id = '` + string(id) + `'`, "indemnity_public_lists": `ranking_id = '` + string(id) + `'`} {
		rows, _ := d.pool.Query(t.Context(), `SELECT column_name || '|' || data_type FROM information_schema.columns WHERE table_schema = 'public' AND table_name = $1 ORDER BY ordinal_position`, table)
		columns, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil || len(columns) == 0 {
			t.Fatal(columns, err)
		}
		for _, c := range columns {
			column, kind, _ := strings.Cut(c, "|")
			to := oneByte(column, kind)
			switch {
			case slices.Contains(beyond, table+"."+column):
				continue
			case to == "":
				t.Errorf("%s.%s is of a type that nobody altered: %s", table, column, kind)
				continue
			}
			d.behind(`CREATE TABLE was AS SELECT * FROM `+table, `UPDATE `+table+` SET `+column+` = `+to+` WHERE `+which)
			wrong, err := d.Remake(t.Context(), id)
			named := err == nil && len(wrong) > 0
			if table == "indemnity_ranking_entries" && !slices.Contains(unnamed, column) {
				named = slices.ContainsFunc(wrong, func(x indemnity.Difference) bool { return strings.TrimRight(x.Row, "x") == row })
			}
			if !named {
				t.Errorf("%s.%s is another, and this is found: %v, %v", table, column, wrong, err)
			}
			d.behind(`DELETE FROM `+table, `INSERT INTO `+table+` SELECT * FROM was; DROP TABLE was`)
		}
	}
	if wrong, err := d.Remake(t.Context(), id); len(wrong) > 0 || err != nil {
		t.Errorf("put back: %v, %v", wrong, err)
	}
}

// behind does what it is told past every guard.
func (d *rankingDesk) behind(first, then string) {
	d.welfare.Helper()
	err := pgx.BeginFunc(d.Context(), d.pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(d.Context(), `SET LOCAL session_replication_role = replica; `+first+`; `+then, pgx.QueryExecModeSimpleProtocol)
		return err
	})
	if err != nil {
		d.Fatal(fmt.Errorf("%s: %w", first, err))
	}
}
