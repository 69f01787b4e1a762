// Postern's script. Every page works without it; with it, lists are selected faster, keys work, tests of a connection
// stay on their form, and what the worker does shows at once. No framework, nothing from elsewhere.
(() => {
	"use strict";

	const base = document.documentElement.dataset.base || "";
	const $ = (selector, root = document) => root.querySelector(selector);
	const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

	// size writes octets as the server does.
	const size = (n) => {
		let unit = "kB";
		n /= 1000;
		for (const next of ["MB", "GB", "TB"]) if (n >= 999.5) [n, unit] = [n / 1000, next];
		return `${n.toFixed(n < 9.95 ? 1 : 0)} ${unit}`;
	};

	// Selection: all of a page, and ranges with Shift.

	const list = $("#list");
	if (list) {
		const all = $("#all");
		const said = $(".chosen", list);
		const beyond = $(".beyond", list);
		const boxes = $$("input[name=id]", list);
		let last = null;
		const fill = (text, ...values) => values.reduce((t, v) => t.replace(/%[ds]/, v), text);
		const told = (chosen) => {
			const n = chosen.length;
			const sum = (of) => chosen.reduce((all, b) => all + Number(b.dataset[of] || 1), 0);
			const texts = said.dataset;
			if (!n) return "";
			if (texts.freed) return fill(texts.freed, n, size(sum("octets")));
			const messages = sum("messages");
			return messages > n ? fill(n > 1 ? texts.many : texts.one, n, messages) : fill(texts.single, n);
		};
		const settle = () => {
			const chosen = boxes.filter((b) => b.checked);
			all.checked = chosen.length > 0 && chosen.length === boxes.length;
			all.indeterminate = chosen.length > 0 && !all.checked;
			said.textContent = told(chosen);
			if (beyond) beyond.hidden = !all.checked;
		};
		list.addEventListener("click", (e) => {
			const at = boxes.indexOf(e.target);
			if (at < 0) return;
			const from = boxes.indexOf(last);
			if (e.shiftKey && from >= 0) {
				for (let i = Math.min(at, from); i <= Math.max(at, from); i++) boxes[i].checked = e.target.checked;
			}
			last = e.target;
		});
		list.addEventListener("change", (e) => {
			if (e.target === all) boxes.forEach((b) => { b.checked = all.checked; });
			settle();
		});
		addEventListener("pageshow", settle);
		beyond?.addEventListener("click", () => { $("#whole").open = true; });
	}

	// Suggestions while a search is typed. The focus stays in the box; the arrows walk through what the server offers.

	const box = $(".search input");
	if (box) {
		const popup = $("#suggestions");
		const options = () => $$("[role=option]", popup);
		let asked = 0;
		let waits;
		const mark = (option) => {
			options().forEach((o) => o.setAttribute("aria-selected", String(o === option)));
			if (option) {
				box.setAttribute("aria-activedescendant", option.id);
				option.scrollIntoView({ block: "nearest" });
			} else {
				box.removeAttribute("aria-activedescendant");
			}
		};
		const close = () => {
			clearTimeout(waits);
			asked++;
			popup.hidden = true;
			mark(null);
		};
		const ask = async () => {
			const mine = ++asked;
			const fields = new URLSearchParams(new FormData(box.form));
			fields.set("box", new URL(box.form.action).pathname.split("/").pop());
			try {
				const answer = await fetch(`${box.dataset.suggest}?${fields}`, { headers: { "X-Requested-With": "fetch" } });
				if (mine !== asked || !answer.ok || answer.redirected) return;
				popup.innerHTML = await answer.text(); // our own fragment, escaped where it was made
			} catch { return; } // a search needs no suggestions
			if (mine !== asked) return;
			mark(null);
			popup.hidden = !options().length;
			$("#suggested").textContent = $("[data-said]", popup).dataset.said;
		};
		const choose = (option) => {
			if (option.dataset.url) {
				location.href = option.dataset.url;
				return;
			}
			box.value = option.dataset.fill;
			if (!box.value.endsWith(":")) return box.form.requestSubmit();
			box.focus();
			ask();
		};
		box.setAttribute("aria-autocomplete", "list");
		box.setAttribute("aria-controls", popup.id);
		box.addEventListener("input", () => {
			clearTimeout(waits);
			waits = setTimeout(ask, 60);
		});
		box.addEventListener("pointerup", () => popup.hidden && ask());
		box.addEventListener("blur", close);
		box.addEventListener("keydown", (e) => {
			const all = options();
			const at = all.findIndex((o) => o.id === box.getAttribute("aria-activedescendant"));
			if (e.isComposing) return;
			if (e.key === "ArrowDown" && popup.hidden) ask();
			else if (popup.hidden) return;
			else if (e.key === "ArrowDown") mark(all[at + 1] || null);
			else if (e.key === "ArrowUp") mark(at < 0 ? all.at(-1) : all[at - 1] || null);
			else if (e.key === "Enter" && at >= 0) choose(all[at]);
			else if (e.key === "Escape") close();
			else return;
			e.preventDefault();
			e.stopPropagation(); // Escape leaves the box only when nothing is open
		});
		popup.addEventListener("pointerdown", (e) => e.preventDefault()); // the box keeps the focus
		popup.addEventListener("click", (e) => {
			const option = e.target.closest("[role=option]");
			if (option) choose(option);
		});
		box.form.addEventListener("submit", () => fetch(box.dataset.note, { method: "POST", body: new URLSearchParams({ q: box.value }), keepalive: true }).catch(() => {}));
	}

	// Keys. The help in templates/layout.go lists them. They are matched by character, so that they stand where the
	// keyboard has them, and they rest while someone writes.

	const current = () => document.activeElement?.closest?.(".row");

	// within goes from message to message of a conversation.
	const within = (by) => {
		const parts = $$(".part").filter((part) => !part.closest(".earlier details:not([open])"));
		const here = parts.indexOf(document.activeElement?.closest?.(".part") || $(".part:target") || $(".part:has(> [open])"));
		const next = parts[Math.min(parts.length - 1, Math.max(0, here + by))];
		if (!next) return;
		$(".part-head", next).focus({ preventScroll: true });
		next.scrollIntoView();
	};

	// A list that an action has made anew stands where it stood, with the cursor on its row, or on the one that took its place.

	const address = location.pathname + location.search;
	const place = JSON.parse(sessionStorage.getItem("place"));
	sessionStorage.removeItem("place");
	if (list && place?.address === address) {
		const rows = $$(".row");
		const row = place.row >= 0 && (document.getElementById(place.id) || rows[Math.min(rows.length - 1, place.row)]);
		if (row) $(".subject", row).focus({ preventScroll: true });
		scrollTo(0, place.y);
	}
	// Who comes back from a message finds the list where it was, with the cursor on that message.
	if (list) {
		const at = "list " + address;
		const kept = sessionStorage.getItem(at);
		addEventListener("load", () => {
			const row = $(".row:target");
			if (!row || place) return;
			$(".subject", row).focus({ preventScroll: true });
			if (kept !== null) scrollTo(0, kept);
			row.scrollIntoView({ block: "nearest" });
		});
		addEventListener("pagehide", () => sessionStorage.setItem(at, scrollY));
	}
	addEventListener("submit", (e) => {
		if (!list) return;
		const cursor = document.activeElement?.matches(":focus-visible") ? current() : null; // what was clicked is no cursor
		const undone = e.target.matches("form[data-key=z], #undo-last");
		const id = undone ? sessionStorage.getItem("acted") : cursor?.id; // what is undone comes back to its row
		sessionStorage.setItem("place", JSON.stringify({ address, y: scrollY, row: $$(".row").indexOf(cursor), id }));
		if (cursor && !undone) sessionStorage.setItem("acted", cursor.id);
	});

	const step = (by) => {
		const way = $(by > 0 ? ".message a[rel=next]" : ".message a[rel=prev]");
		if (way) return way.click();
		const rows = $$(".row");
		const here = rows.indexOf(current() || $(".row:target")); // -1: the first step leads to the first row, either way
		const next = rows[Math.min(rows.length - 1, Math.max(0, here + (here < 0 ? 1 : by)))];
		if (!next) return;
		$(".subject", next).focus();
		next.scrollIntoView({ block: "nearest" });
	};

	// chosen tells whether there is something to act on: on a list the selected rows, else the row under the cursor,
	// which is selected then.
	const chosen = () => {
		if (!list || $("input[name=id]:checked", list)) return true;
		const row = current();
		if (row) $("input[name=id]", row).click();
		return Boolean(row);
	};

	// act presses one of the action buttons.
	const act = (value) => {
		const button = $(`#list button[value=${value}], .message button[value=${value}]`);
		if (button && chosen()) button.form.requestSubmit(button);
	};

	// pick selects those rows of the page for which fits says yes.
	const pick = (fits) => list && $$(".row", list).forEach((row) => {
		const box = $("input[name=id]", row);
		box.checked = fits(row);
		box.dispatchEvent(new Event("change", { bubbles: true }));
	});
	const has = (name) => (row) => row.classList.contains(name);
	const turn = (way) => $(`main .pager a[rel=${way}]`)?.click();
	const goTo = (box) => () => { location.href = `${base}/mail/${box}`; };

	const undo = () => {
		const toasted = $("form[data-key=z]");
		const last = $("#undo-last");
		if (!toasted && last) last.elements.return.value = location.pathname.slice(base.length) + location.search;
		(toasted || last)?.requestSubmit();
	};

	// items are what can be pressed in a menu that is open.
	const items = (menu) => (menu ? $$("button, a, input", menu).filter((item) => item.checkVisibility()) : []);

	const keys = {
		j: () => step(1),
		k: () => step(-1),
		n: () => within(1),
		p: () => within(-1),
		o: () => (current() ? $(".subject", current()) : document.activeElement?.closest?.(".part-head"))?.click(),
		u: () => $("a[data-key=u]")?.click(),
		x: () => current() && $("input[name=id]", current()).click(),
		e: () => act("archive"),
		"#": () => act("delete"),
		"!": () => act("junk"),
		I: () => act("read"),
		U: () => act("unread"),
		s: () => (current() ? $(".star", current()) : $(".star-act"))?.click(),
		l: () => {
			if (chosen()) $("[popovertarget=label-menu]")?.click();
			items($("[popover]:popover-open"))[0]?.focus();
		},
		";": () => $("a[data-key=unfold]")?.click(),
		":": () => $("a[data-key=fold]")?.click(),
		z: undo,
		"/": () => { const box = $(".search input"); box?.focus(); box?.select(); },
		"?": () => $("#keys")?.togglePopover?.(),
		"*": { a: () => pick(() => true), n: () => pick(() => false), r: () => pick((row) => !has("unread")(row)), u: () => pick(has("unread")), s: () => pick(has("starred")), t: () => pick((row) => !has("starred")(row)) },
		g: { i: goTo("inbox"), s: goTo("starred"), e: goTo("archive"), j: goTo("junk"), t: goTo("trash"), a: goTo("all"), n: () => turn("next"), p: () => turn("prev") },
	};
	let begun = null; // the first of two keys
	let pause;
	addEventListener("keydown", (e) => {
		if (e.ctrlKey || e.metaKey || e.altKey || e.isComposing || e.repeat && !"jk".includes(e.key)) return;
		if (e.target.matches?.("input:not([type=checkbox], [type=radio]), textarea, select")) {
			if (e.key === "Escape") e.target.blur();
			return;
		}
		if (document.documentElement.dataset.keys === "off" || ["Shift", "AltGraph"].includes(e.key)) return;
		const open = $("[popover]:popover-open"); // keys are for it, not for what lies behind
		if (open && !(e.key === "?" && open.id === "keys")) {
			const by = { ArrowDown: 1, ArrowUp: -1 }[e.key];
			if (by && open.matches(".menu")) {
				e.preventDefault();
				const all = items(open);
				const here = all.indexOf(document.activeElement);
				all.at(here < 0 ? (by - 1) / 2 : (here + by) % all.length)?.focus();
			}
			if (e.key.length === 1 && e.key !== " ") items(open).find((item) => item.innerText.trim().toLowerCase().startsWith(e.key.toLowerCase()))?.focus();
			return;
		}
		const table = begun || keys;
		const does = Object.hasOwn(table, e.key) && table[e.key];
		begun = null;
		clearTimeout(pause);
		if (!does) return;
		e.preventDefault();
		if (typeof does === "function") return does();
		begun = does;
		pause = setTimeout(() => { begun = null; }, 1500);
	});

	// Times are those of the browser's zone: it is told at the sign-in, and again when it is another one.

	const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
	$$("input[data-zone]").forEach((field) => { field.value = zone; });
	const told = document.documentElement.dataset.zone;
	if (told && zone && told !== zone) {
		fetch(base + "/settings/zone", { method: "POST", body: new URLSearchParams({ zone }), redirect: "manual" }).catch(() => {});
	}
	$("#zones")?.append(...(Intl.supportedValuesOf?.("timeZone") || []).map((name) => new Option(name)));

	// What a search found is counted to its end when the page is there.

	const uncounted = $$("[data-count-all]");
	if (uncounted.length) {
		fetch(uncounted[0].dataset.countAll, { headers: { "X-Requested-With": "fetch" } }).then(async (answer) => {
			const text = await answer.text();
			if (!answer.ok || !text.startsWith('<span class="range"')) return;
			uncounted.forEach((range) => { range.outerHTML = text; }); // our own fragment, escaped where it was made
			$$("[data-whole]").forEach((el) => { el.textContent = $("[data-says]").dataset.says; });
		}).catch(() => {}); // "more than" is true as well
	}

	// A message that is looked at is read.

	const markRead = (root) => {
		const [first, ...others] = $$("form[data-opened]", root);
		if (!first) return;
		$(".beside [aria-current]")?.parentElement.classList.remove("unread");
		const body = new URLSearchParams(new FormData(first));
		others.forEach((form) => body.append("id", form.elements.id.value));
		fetch(first.getAttribute("action"), { // its property is the field of that name
			method: "POST",
			body,
			headers: { Accept: "application/json" },
			keepalive: true,
		}).catch(() => {}); // it stays unread, and is so the next time
	};
	markRead(document);

	// The list beside a message stays where it was.

	const beside = $(".beside");
	if (beside) {
		const at = "beside " + beside.dataset.list;
		const row = $("[aria-current]", beside);
		const kept = sessionStorage.getItem(at);
		if (kept) beside.scrollTop = kept;
		if (row && (row.offsetTop < beside.scrollTop || row.offsetTop + row.offsetHeight > beside.scrollTop + beside.clientHeight)) beside.scrollTop = row.offsetTop - beside.clientHeight / 3;
		addEventListener("pagehide", () => sessionStorage.setItem(at, beside.scrollTop));
	}

	// An address is copied by selecting it, which works without TLS too, and shows what was copied.

	document.addEventListener("click", (e) => {
		const button = e.target.closest("[data-copy]");
		if (!button) return;
		getSelection().selectAllChildren(button.previousElementSibling);
		if (!document.execCommand("copy")) return;
		button.dataset.done = "";
		button.title = button.ariaLabel = button.dataset.copy;
	});

	// A folded message of a conversation is fetched when it is wanted, and put in its place.

	const unfold = async (link) => {
		const url = new URL(link.href);
		url.hash = "";
		url.searchParams.set("part", "1");
		const { id } = link.parentElement;
		try {
			const answer = await fetch(url, { headers: { "X-Requested-With": "fetch" } });
			if (!answer.ok || answer.redirected) throw new Error(answer.statusText);
			const text = await answer.text();
			if (!text.startsWith(`<li id="${id}"`)) throw new Error("it left the conversation");
			link.parentElement.outerHTML = text; // our own fragment, escaped where it was made
		} catch {
			location.href = link.href;
			return;
		}
		const part = document.getElementById(id);
		part.dataset.from = url;
		$("summary", part).focus({ preventScroll: true });
		markRead(part);
	};
	document.addEventListener("click", (e) => {
		const link = e.target.closest?.("a[data-unfold], a[data-key=fold]");
		if (!link || e.ctrlKey || e.metaKey || e.shiftKey || e.altKey) return;
		e.preventDefault();
		if (link.dataset.key) $$(".part > [open]").forEach((part) => { part.open = false; });
		else unfold(link);
	});

	// What became of the images of a message stands in the strip above it, once its frame has tried them all.

	const watched = new WeakSet();
	const watch = async (frame) => {
		const strip = $("[data-images]", frame.parentElement);
		if (!strip || watched.has(frame)) return;
		watched.add(frame);
		const url = new URL(frame.closest("[data-from]")?.dataset.from ?? location.href); // where it stands unfolded
		url.searchParams.delete("again"); // it would forget what is asked for
		const answer = await fetch(url, { headers: { "X-Requested-With": "fetch" } }).catch(() => null);
		if (!answer?.ok || answer.redirected) return;
		const page = new DOMParser().parseFromString(await answer.text(), "text/html");
		const now = $(`[data-images="${strip.dataset.images}"]`, page);
		if (now && now.textContent !== strip.textContent) strip.replaceWith(document.adoptNode(now));
	};
	document.addEventListener("load", (e) => e.target.matches?.("iframe.body") && watch(e.target), true);
	addEventListener("load", () => $$("iframe.body:not([loading])").forEach(watch)); // those that were done before this ran

	// A toast goes by itself; what it offers to undo stands in the history.

	const toast = $(".toast");
	if (toast) {
		const go = () => (toast.matches(":hover, :focus-within") ? setTimeout(go, 5000) : toast.remove());
		setTimeout(go, 30000);
		$("[data-dismiss]", toast).addEventListener("click", () => toast.remove());
	}

	// The account form: a usual port for each kind of security, and a test that stays on the page.

	const usual = { tls: "995", starttls: "110", none: "110" };
	const security = $("#f-security");
	const port = $("#f-port");
	if (security && port) {
		let before = usual[security.value];
		security.addEventListener("change", () => {
			if (port.value === "" || port.value === before) port.value = usual[security.value];
			before = usual[security.value];
		});
	}

	// Settings by the address alone. What somebody typed is never replaced, only what was found for another address.
	const finding = $("#finding");
	const server = $("#f-host");
	if (finding) {
		const user = $("#f-username");
		let filled = { host: "", username: "" };
		const fill = (found) => {
			server.value = found.host;
			if (user.value === filled.username) user.value = found.username;
			if (found.host) {
				security.value = found.security;
				security.dispatchEvent(new Event("change"));
				port.value = found.port;
			}
			filled = { host: found.host, username: user.value };
		};
		let asked = 0;
		$("#f-email").addEventListener("change", async (e) => {
			if (server.value !== filled.host || !e.target.value.includes("@")) return;
			const mine = ++asked;
			finding.textContent = finding.dataset.busy;
			let text = "";
			try {
				const answer = await fetch(finding.dataset.url, {
					method: "POST",
					body: new URLSearchParams({ email: e.target.value }),
					headers: { "X-Requested-With": "fetch" },
				});
				if (answer.ok && !answer.redirected) text = await answer.text();
			} catch {} // the form can be filled in by hand
			if (mine !== asked) return;
			finding.innerHTML = server.value === filled.host ? text : ""; // our own fragment, escaped where it was made
			const found = $("[data-host]", finding);
			if (found) fill(found.dataset);
		});
		// Where nothing was found, the server has to be typed. Who forgets it is led there, and need not type the password
		// again for it; who insists has the search done once more.
		server.form.addEventListener("click", (e) => {
			if (!e.target.closest("[type=submit]") || server.value || server.ariaInvalid || !$("[data-host='']", finding)) return;
			e.preventDefault();
			e.stopPropagation();
			server.focus();
			server.ariaInvalid = "true";
		}, true);
		server.addEventListener("input", () => {
			server.ariaInvalid = null;
			finding.textContent = "";
			if (filled.username && user.value === filled.username) user.value = "";
			filled = { host: "", username: "" };
		});
	}

	const result = $("#test-result");
	$("[data-test]")?.addEventListener("click", async (e) => {
		e.preventDefault();
		const button = e.currentTarget;
		button.disabled = true;
		result.textContent = result.dataset.busy;
		try {
			const answer = await fetch(button.formAction, {
				method: "POST",
				body: new URLSearchParams(new FormData(button.form)),
				headers: { "X-Requested-With": "fetch" },
			});
			if (!answer.ok || answer.redirected) throw new Error(answer.statusText);
			result.innerHTML = await answer.text(); // our own fragment, escaped where it was made
		} catch {
			result.textContent = result.dataset.failed;
		}
		button.disabled = false;
		if (document.activeElement === document.body) button.focus(); // which it lost meanwhile
	});

	// What the worker does, as it happens. The stream is open only while the page is seen: browsers allow few
	// connections to one host. The server begins each stream with how things stand, and with the mail that came after
	// the page was made.

	const each = (attribute, value, does) => $$(`[${attribute}="${CSS.escape(value)}"]`).forEach(does);

	const showProgress = (p) => each("data-progress", p.account, (el) => {
		const bar = el.matches("progress") ? el : $("progress", el);
		if (p.total > 0) {
			bar.max = p.total;
			bar.value = p.done;
		} else {
			bar.removeAttribute("value");
		}
		const text = $("[data-text]", el);
		if (text) text.textContent = p.text;
		el.hidden = false;
	});

	const showSync = (s) => {
		const working = s.state === "working";
		const was = $(`.nav-account[data-sync="${CSS.escape(s.account)}"]`)?.dataset.state;
		if (!working && was !== s.state && $("[data-waits]")) location.reload(); // there is nothing that would move
		// What is offered for an account that fails is not what is offered for one that does not.
		if (!working && $(`[data-drawn][data-sync="${CSS.escape(s.account)}"]:not([data-drawn="${s.state}"])`)) location.reload();
		each("data-sync", s.account, (el) => {
			if (!working && el.dataset.after === s.last) return; // that was before the check that was asked for
			el.dataset.state = s.state;
			for (const field of ["text", "next", "server", "here", "waiting"]) {
				const place = $(`[data-field=${field}]`, el);
				if (place && s[field]) place.textContent = s[field];
			}
			$$("[data-when=working]", el).forEach((f) => { f.hidden = !working; });
			const state = $(".state", el);
			if (state && s.text) {
				state.title = s.text;
				state.ariaLabel = s.label;
			}
		});
		if (!working) each("data-progress", s.account, (el) => { el.hidden = true; });
		if (s.state === "ok") each("data-banner", s.account, (el) => el.remove());
	};

	const showCounts = (c) => {
		const set = (key, count) => each("data-count", key, (el) => {
			el.textContent = count;
			el.hidden = count === "";
		});
		for (const [key, count] of Object.entries(c.mailboxes || {})) set(key, count);
		for (const [id, count] of Object.entries(c.accounts || {})) set("account-" + id, count);
		const icon = $("link[rel=icon]");
		if (icon) icon.href = `${base}/favicon.svg?n=${(c.unread || "").replace(/\D/g, "")}`;
		document.title = (c.unread ? `(${c.unread}) ` : "") + document.title.replace(/^\([^)]*\) /, "");
	};

	// New mail moves nothing that is being read: the list offers to show it. An empty list has nothing to move.
	const note = $("[data-arrived]");
	let arrived = 0;
	const showMail = (m) => {
		if (!note) return;
		if (!list) {
			if (!arrived++) setTimeout(() => location.reload(), 800);
			return;
		}
		arrived += m.new;
		note.textContent = arrived === m.new ? m.text : note.dataset.arrived.replace("%d", arrived);
		note.hidden = false;
	};

	const shows = { progress: showProgress, sync: showSync, counts: showCounts, mail: showMail };
	let stream = null;
	const listen = () => {
		const wanted = document.visibilityState === "visible";
		if (wanted && !stream) {
			const since = note?.dataset.since;
			arrived = 0;
			if (note) note.hidden = true;
			stream = new EventSource(base + "/events" + (since ? "?since=" + encodeURIComponent(since) : ""));
			for (const [name, show] of Object.entries(shows)) {
				stream.addEventListener(name, (e) => show(JSON.parse(e.data)));
			}
		} else if (!wanted && stream) {
			stream.close();
			stream = null;
		}
	};
	if (document.body.classList.contains("app")) {
		addEventListener("pagehide", () => { stream?.close(); stream = null; });
		addEventListener("pageshow", listen);
		document.addEventListener("visibilitychange", listen);
	}
})();
