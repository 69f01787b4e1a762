package browsertest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	jsonv2 "github.com/chromedp/cdproto/cdp/jsonv2"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// The roles that the helpers for forms accept (WAI-ARIA 1.2 §5.4).
var (
	textRoles   = []string{"textbox", "searchbox", "spinbutton", "combobox"}
	choiceRoles = []string{"combobox", "listbox"}
	tickRoles   = []string{"checkbox", "radio", "switch"}
)

// element is one element of the page that assistive technology perceives.
type element struct {
	id       cdp.BackendNodeID
	role     string
	checked  bool
	disabled bool
}

// elements returns the perceivable elements of exactly this accessible name and one of
// the roles, in the order of the document. No role means any role.
func (p *Page) elements(ctx context.Context, roles []string, name string) ([]element, error) {
	document, err := chromedp.Call(ctx, dom.GetDocument, dom.GetDocumentParams{})
	if err != nil {
		return nil, err
	}
	query := accessibility.QueryAXTreeParams{NodeID: document.Root.NodeID, AccessibleName: name}
	if len(roles) == 1 {
		query.Role = roles[0]
	}
	tree, err := chromedp.Call(ctx, accessibility.QueryAXTree, query)
	if err != nil {
		return nil, err
	}
	var found []element
	for _, node := range tree.Nodes {
		role := value[string](node.Role)
		if node.Ignored || node.BackendDOMNodeID == 0 || (len(roles) > 0 && !slices.Contains(roles, role)) {
			continue
		}
		found = append(found, element{
			id:       node.BackendDOMNodeID,
			role:     role,
			checked:  property(node, accessibility.PropertyNameChecked) == "true",
			disabled: property(node, accessibility.PropertyNameDisabled) == "true",
		})
	}
	return found, nil
}

// on waits for the nth (from 0) of such elements, and for it to be enabled, and does
// something with it. When that fails it looks again, as a script may have replaced the
// element between two commands: what is done has to bear being done twice.
func (p *Page) on(roles []string, name string, n int, do func(ctx context.Context, e element) error) {
	p.tb.Helper()
	err := p.await(p.limit, func(ctx context.Context) error {
		all, err := p.elements(ctx, roles, name)
		if err != nil {
			return err
		}
		if n >= len(all) {
			return fmt.Errorf("%d of that name, wanted number %d", len(all), n)
		}
		if all[n].disabled {
			return errors.New("disabled")
		}
		return do(ctx, all[n])
	})
	if err != nil {
		p.tb.Fatalf("browsertest: %s %q: %v; the page has:\n%s", strings.Join(roles, " or "), name, err, p.outline())
	}
}

// outline lists the roles and names that find could have found.
func (p *Page) outline() string {
	ctx, cancel := context.WithTimeout(p.ctx, p.limit)
	defer cancel()
	tree, err := chromedp.Call(ctx, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	if err != nil {
		return err.Error()
	}
	var lines strings.Builder
	for _, node := range tree.Nodes {
		role, name := value[string](node.Role), value[string](node.Name)
		if !node.Ignored && name != "" && role != "StaticText" && role != "InlineTextBox" {
			fmt.Fprintf(&lines, "  %s %q\n", role, name)
		}
	}
	return lines.String()
}

// Count returns how many elements of a role have this accessible name, once the page has
// loaded and two looks in a row find as many. A test that must wait for them waits for a
// text first.
func (p *Page) Count(role, name string) int {
	p.tb.Helper()
	count := -1
	err := p.await(p.limit, func(ctx context.Context) error {
		before := count
		count = -1
		ready, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("document.readyState === 'complete'"))
		if err != nil {
			return err
		}
		if !ready {
			return errors.New("still loading")
		}
		all, err := p.elements(ctx, []string{role}, name)
		if err != nil {
			return err
		}
		if count = len(all); count != before {
			return fmt.Errorf("%d, %d a moment before", count, before)
		}
		return nil
	})
	p.check("count "+role+" "+name, err)
	return count
}

// Click clicks the first element of a role ("button", "link", "checkbox", ...) with
// this accessible name, by mouse, and waits for the page that this may lead to.
func (p *Page) Click(role, name string) {
	p.tb.Helper()
	p.ClickNth(role, name, 0)
}

// ClickNth is Click for the nth of several, from 0, in the order of the document.
func (p *Page) ClickNth(role, name string, n int) {
	p.tb.Helper()
	p.click([]string{role}, name, n)
}

// Check ticks the check box, radio button or switch of this accessible name; one that
// is ticked stays as it is.
func (p *Page) Check(label string) {
	p.tb.Helper()
	if !p.Checked(label) {
		p.click(tickRoles, label, 0)
	}
}

// Uncheck clears the check box or switch of this accessible name.
func (p *Page) Uncheck(label string) {
	p.tb.Helper()
	if p.Checked(label) {
		p.click(tickRoles, label, 0)
	}
}

// Checked tells whether the check box, radio button or switch of this accessible name
// is ticked.
func (p *Page) Checked(label string) bool {
	p.tb.Helper()
	var checked bool
	p.on(tickRoles, label, 0, func(_ context.Context, e element) error {
		checked = e.checked
		return nil
	})
	return checked
}

// Fill types value into the text field of this accessible name, in place of what it
// held.
func (p *Page) Fill(label, value string) {
	p.tb.Helper()
	p.call(textRoles, label, "function() { this.scrollIntoView({block: 'center'}); this.focus(); if (this.select) this.select(); }", nil)
	if value == "" {
		p.step("clear "+label, chromedp.KeyEvent(kb.Backspace))
		return
	}
	send(p, input.InsertText, input.InsertTextParams{Text: value})
}

// Value returns what the field of this accessible name holds.
func (p *Page) Value(label string) string {
	p.tb.Helper()
	var value string
	p.call(slices.Concat(textRoles, choiceRoles), label, "function() { return this.value; }", &value)
	return value
}

// Select chooses, in the list or menu of this accessible name, the option shown as
// option.
func (p *Page) Select(label, option string) {
	p.tb.Helper()
	var chosen bool
	p.call(choiceRoles, label, `function(text) {
		const option = Array.from(this.options).find(o => o.label.trim() === text && !o.disabled);
		if (!option) return false;
		this.focus();
		option.selected = true;
		this.dispatchEvent(new Event("input", {bubbles: true}));
		this.dispatchEvent(new Event("change", {bubbles: true}));
		return true;
	}`, &chosen, option)
	if !chosen {
		p.tb.Fatalf("browsertest: %q has no option %q", label, option)
	}
	p.settle()
}

// FrameText waits for the document in the frame of this title, and returns its text as
// shown. The page itself may not be able to read it; a test is.
func (p *Page) FrameText(title string) string {
	p.tb.Helper()
	var text string
	p.frame(title, "function() { return this.body ? this.body.innerText : '' }", &text)
	return text
}

// FrameHTML is FrameText for the document as it stands, serialised.
func (p *Page) FrameHTML(title string) string {
	p.tb.Helper()
	var html string
	p.frame(title, "function() { return this.documentElement.outerHTML }", &html)
	return html
}

// frame calls a function on the document in the frame of this title.
func (p *Page) frame(title, function string, result any) {
	p.tb.Helper()
	err := p.await(p.limit, func(ctx context.Context) error {
		all, err := p.elements(ctx, []string{"Iframe"}, title)
		if err != nil {
			return err
		}
		if len(all) == 0 {
			return errors.New("no such frame")
		}
		frame, err := chromedp.Call(ctx, dom.DescribeNode, dom.DescribeNodeParams{BackendNodeID: all[0].id})
		if err != nil {
			return err
		}
		if frame.Node.ContentDocument == nil || frame.Node.ContentDocument.DocumentURL == "about:blank" {
			return errors.New("no document yet")
		}
		content := element{id: frame.Node.ContentDocument.BackendNodeID}
		var ready bool
		if err := callOn(ctx, content, "function() { return this.readyState === 'complete' }", &ready); err != nil {
			return err
		}
		if !ready {
			return errors.New("still loading")
		}
		return callOn(ctx, content, function, result)
	})
	p.check("frame "+title, err)
}

// click moves the mouse to the middle of an element and clicks, when nothing else lies
// there: what a person cannot click, a test cannot either.
func (p *Page) click(roles []string, name string, n int) {
	p.tb.Helper()
	var x, y float64
	p.on(roles, name, n, func(ctx context.Context, e element) error {
		var err error
		x, y, err = clickable(ctx, e)
		return err
	})
	p.step("click "+name, chromedp.MouseClickXY(x, y))
	p.settle()
}

// clickable scrolls to an element and returns a point of it that a click reaches.
func clickable(ctx context.Context, e element) (x, y float64, err error) {
	_, err = chromedp.Call(ctx, dom.ScrollIntoViewIfNeeded, dom.ScrollIntoViewIfNeededParams{BackendNodeID: e.id})
	if err != nil {
		return 0, 0, err
	}
	shape, err := chromedp.Call(ctx, dom.GetContentQuads, dom.GetContentQuadsParams{BackendNodeID: e.id})
	if err != nil {
		return 0, 0, err
	}
	if len(shape.Quads) == 0 {
		return 0, 0, errors.New("has no place on the page")
	}
	q := shape.Quads[0]
	x, y = (q[0]+q[2]+q[4]+q[6])/4, (q[1]+q[3]+q[5]+q[7])/4
	// A label passes clicks on to its control, so it may cover it.
	var cover string
	err = callOn(ctx, e, `function(x, y) {
		const top = document.elementFromPoint(x, y);
		if (!top) return "the window's edge";
		if (this.contains(top) || top.contains(this) || Array.from(this.labels || []).some(l => l.contains(top))) return "";
		return top.outerHTML.slice(0, 200);
	}`, &cover, x, y)
	if err == nil && cover != "" {
		err = fmt.Errorf("covered by %s", cover)
	}
	return x, y, err
}

// call calls a JavaScript function with the element of this accessible name as its this.
func (p *Page) call(roles []string, name, function string, result any, args ...any) {
	p.tb.Helper()
	p.on(roles, name, 0, func(ctx context.Context, e element) error {
		return callOn(ctx, e, function, result, args...)
	})
}

// callOn calls a function on an element and returns the error. A nil result drops the function's value.
func callOn(ctx context.Context, e element, function string, result any, args ...any) error {
	node, err := chromedp.Call(ctx, dom.ResolveNode, dom.ResolveNodeParams{BackendNodeID: e.id})
	if err != nil {
		return err
	}
	params := runtime.CallFunctionOnParams{
		FunctionDeclaration: function,
		ObjectID:            node.Object.ObjectID,
		ReturnByValue:       new(true),
		UserGesture:         new(true),
	}
	for _, arg := range args {
		octets, err := jsonv2.Marshal(arg)
		if err != nil {
			return err
		}
		params.Arguments = append(params.Arguments, &runtime.CallArgument{Value: octets})
	}
	answer, err := chromedp.Call(ctx, runtime.CallFunctionOn, params)
	if err != nil {
		return err
	}
	if answer.ExceptionDetails != nil {
		return errors.New(answer.ExceptionDetails.Text + " " + describe(answer.ExceptionDetails.Exception))
	}
	if result == nil {
		return nil
	}
	return jsonv2.Unmarshal(answer.Result.Value, result)
}

// value returns a value of the accessibility tree, or the zero value of T.
func value[T any](v *accessibility.Value) T {
	var t T
	if v != nil && len(v.Value) > 0 {
		_ = jsonv2.Unmarshal(v.Value, &t) // another type: as if it were not there
	}
	return t
}

// property returns a state of a node of the accessibility tree, as JSON without quotes.
func property(node *accessibility.Node, name accessibility.PropertyName) string {
	for _, p := range node.Properties {
		if p.Name == name && p.Value != nil {
			return strings.Trim(string(p.Value.Value), `"`)
		}
	}
	return ""
}
