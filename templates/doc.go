// Package templates holds Postern's pages: templ components and the view models they show.
//
// A component takes one struct shaped like its page. Everything in such a struct is ready to be shown: times and
// numbers are formatted, addresses of pages are paths from the portal's root ("/mail/inbox?q=tax"), sentences are
// complete. The components format nothing and decide nothing but the looks. They prefix every path with the base
// path that WithBase put into the context, so that the portal also works below a sub-path of a proxy.
//
// No page needs JavaScript: every change of state is a form that is posted. No component writes inline style or
// script, which the portal's content security policy would refuse. Mail's own HTML never passes through here; it is
// served alone, to a sandboxed frame.
package templates
