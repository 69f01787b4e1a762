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

// find waits for the nth (from 0) of such elements, and for it to be enabled.
func (p *Page) find(roles []string, name string, n int) element {
	p.tb.Helper()
	var found element
	err := p.await(p.limit, func(ctx context.Context) error {
		all, err := p.elements(ctx, roles, name)
		if err != nil {
			return err
		}
		if n >= len(all) {
			return fmt.Errorf("%d of that name, wanted number %d", len(all), n)
		}
		if found = all[n]; found.disabled {
			return errors.New("disabled")
		}
		return nil
	})
	if err != nil {
		p.tb.Fatalf("browsertest: %s %q: %v; the page has:\n%s", strings.Join(roles, " or "), name, err, p.outline())
	}
	return found
}

// outline lists the roles and names that find could have found.
func (p *Page) outline() string {
	tree := send(p, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	var lines strings.Builder
	for _, node := range tree.Nodes {
		role, name := value[string](node.Role), value[string](node.Name)
		if !node.Ignored && name != "" && role != "StaticText" && role != "InlineTextBox" {
			fmt.Fprintf(&lines, "  %s %q\n", role, name)
		}
	}
	return lines.String()
}

// Count returns how many elements of a role have this accessible name now. A test that
// must wait for them waits for a text first.
func (p *Page) Count(role, name string) int {
	p.tb.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, p.limit)
	defer cancel()
	all, err := p.elements(ctx, []string{role}, name)
	p.check("count "+role+" "+name, err)
	return len(all)
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
	p.click(p.find([]string{role}, name, n), name)
}

// Check ticks the check box, radio button or switch of this accessible name; one that
// is ticked stays as it is.
func (p *Page) Check(label string) {
	p.tb.Helper()
	if e := p.find(tickRoles, label, 0); !e.checked {
		p.click(e, label)
	}
}

// Uncheck clears the check box or switch of this accessible name.
func (p *Page) Uncheck(label string) {
	p.tb.Helper()
	if e := p.find(tickRoles, label, 0); e.checked {
		p.click(e, label)
	}
}

// Checked tells whether the check box, radio button or switch of this accessible name
// is ticked.
func (p *Page) Checked(label string) bool {
	p.tb.Helper()
	return p.find(tickRoles, label, 0).checked
}

// Fill types value into the text field of this accessible name, in place of what it
// held.
func (p *Page) Fill(label, value string) {
	p.tb.Helper()
	e := p.find(textRoles, label, 0)
	p.call(e, "function() { this.scrollIntoView({block: 'center'}); this.focus(); if (this.select) this.select(); }", nil)
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
	p.call(p.find(append(textRoles, choiceRoles...), label, 0), "function() { return this.value; }", &value)
	return value
}

// Select chooses, in the list or menu of this accessible name, the option shown as
// option.
func (p *Page) Select(label, option string) {
	p.tb.Helper()
	var chosen bool
	p.call(p.find(choiceRoles, label, 0), `function(text) {
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
func (p *Page) click(e element, name string) {
	p.tb.Helper()
	var x, y float64
	err := p.await(p.limit, func(ctx context.Context) error {
		var err error
		x, y, err = clickable(ctx, e)
		return err
	})
	if err != nil {
		p.tb.Fatalf("browsertest: click %s %q: %v", e.role, name, err)
	}
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

// call calls a JavaScript function with the element as its this.
func (p *Page) call(e element, function string, result any, args ...any) {
	p.tb.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, p.limit)
	defer cancel()
	p.check("call "+function, callOn(ctx, e, function, result, args...))
}

// callOn is call that returns the error. A nil result drops the function's value.
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
