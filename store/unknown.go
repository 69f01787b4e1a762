package store

import "postern/internal/query"

// UnknownNames returns the parts of a search that name a label or an account which is not among these.
func UnknownNames(q query.Query, accounts []Account, labels []Label) (unknown []query.Node) {
	f := filter{names: names{accounts, labels}}
	for _, part := range q.Named() {
		switch n := part.(type) {
		case query.Label:
			if f.labelID(n.Name) == 0 {
				unknown = append(unknown, part)
			}
		case query.Account:
			if len(f.accountIDs(n.Name)) == 0 {
				unknown = append(unknown, part)
			}
		}
	}
	return unknown
}
