package portal

import (
	"net/http"
	"slices"

	"portal/internal/identity"
	"portal/internal/office"
	"portal/web/oversight"
	"portal/web/ui"
)

const adminRolesPath = adminPath + "/ruoli"

// adminRoles is the matrix of roles and permissions, with the roles that exclude each
// other. A change of it is a change of the program.
func (p *Portal) adminRoles(w http.ResponseWriter, r *http.Request) error {
	f := p.adminFrame(r, ui.Frame{}.T("administration.roles.title"))
	page := oversight.RolesPage{Frame: f, StaffURL: adminStaffPath}
	for _, o := range office.Offices {
		m := oversight.RoleMatrix{ID: "r-" + string(o), Title: f.T("role." + string(o))}
		var duties []identity.Duty
		for _, post := range office.Posts {
			if post.Office == o {
				duties = append(duties, post.Duty)
				m.Duties = append(m.Duties, f.T("administration.duty."+string(o)+"."+string(post.Duty)))
			}
		}
		for _, may := range Permissions {
			if may.Office != o {
				continue
			}
			row := oversight.PermissionRow{Name: f.T("administration.may." + string(o) + "." + may.Words)}
			for _, d := range duties {
				row.May = append(row.May, slices.Contains(may.Duties, d))
			}
			m.Rows = append(m.Rows, row)
		}
		page.Offices = append(page.Offices, m)
	}
	return p.show(w, r, oversight.Roles(page))
}
