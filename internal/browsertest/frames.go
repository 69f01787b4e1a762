package browsertest

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// InDocuments calls a JavaScript function with each document of the page as its this: the page's own and those of all
// frames in it, sandboxed or not. It returns what they answer as strings, and leaves out those that have gone.
func (p *Page) InDocuments(function string) []string {
	p.tb.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, p.limit)
	defer cancel()
	var answers []string
	for _, d := range p.documents(ctx) {
		var answer string
		if callOn(ctx, element{id: d.BackendNodeID}, function, &answer) == nil {
			answers = append(answers, answer)
		}
	}
	return answers
}

// documents lists the documents of the page, its own first.
func (p *Page) documents(ctx context.Context) []*cdp.Node {
	root, err := chromedp.Call(ctx, dom.GetDocument, dom.GetDocumentParams{Depth: new(int64(-1)), Pierce: new(true)})
	if err != nil || root.Root == nil {
		return nil
	}
	list := []*cdp.Node{root.Root}
	var walk func(n *cdp.Node)
	walk = func(n *cdp.Node) {
		if n.ContentDocument != nil {
			list = append(list, n.ContentDocument)
			walk(n.ContentDocument)
		}
		for _, child := range n.Children {
			walk(child)
		}
	}
	walk(root.Root)
	return list
}

// Act does what a reader might do to an element somewhere on the page or in its frames: "click SEL", "hover SEL",
// "focus SEL", "enter SEL" (focus, then the Enter key), "type SEL" or "scroll SEL", with a CSS selector. It tells
// whether there is such an element. What comes of it is for the caller to see.
func (p *Page) Act(action string) bool {
	p.tb.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, p.limit)
	defer cancel()
	verb, selector, _ := strings.Cut(action, " ")
	for _, d := range p.documents(ctx) {
		found, err := chromedp.Call(ctx, dom.QuerySelector, dom.QuerySelectorParams{NodeID: d.NodeID, Selector: selector})
		if err != nil || found.NodeID == 0 {
			continue
		}
		p.act(ctx, verb, found.NodeID)
		return true
	}
	return false
}

func (p *Page) act(ctx context.Context, verb string, node cdp.NodeID) {
	_, _ = chromedp.Call(ctx, dom.ScrollIntoViewIfNeeded, dom.ScrollIntoViewIfNeededParams{NodeID: node})
	if verb == "focus" || verb == "enter" || verb == "type" {
		_, _ = chromedp.Call(ctx, dom.Focus, dom.FocusParams{NodeID: node})
	}
	switch verb {
	case "enter":
		_ = chromedp.Do(ctx, chromedp.KeyEvent(keys["Enter"]))
	case "type":
		_ = chromedp.Do(ctx, chromedp.KeyEvent("a"))
	case "click", "hover":
		shape, err := chromedp.Call(ctx, dom.GetContentQuads, dom.GetContentQuadsParams{NodeID: node})
		if err != nil || len(shape.Quads) == 0 {
			return // it has no place on the page
		}
		q := shape.Quads[0]
		x, y := (q[0]+q[2]+q[4]+q[6])/4, (q[1]+q[3]+q[5]+q[7])/4
		if verb == "click" {
			_ = chromedp.Do(ctx, chromedp.MouseClickXY(x, y))
		} else {
			_ = chromedp.Do(ctx, chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, x, y))
		}
	}
}

// Close closes the tab before its test ends.
func (p *Page) Close() {
	ctx, cancel := context.WithTimeout(p.ctx, 5*time.Second)
	defer cancel()
	if err := chromedp.Cancel(ctx); err != nil && !errors.Is(err, context.Canceled) {
		p.tb.Logf("browsertest: close a tab: %v", err)
	}
}
