// axe, with a memory: what it has found good is not asked again where nothing that it depends on is another one.
// `good`: the texts whose contrast has passed, in any document of this run; what is found besides is handed back.
// One object per document, as `window.once`, which tests/support/accessibility.py calls.
(() => {
    const hash = text => { // 53 bits
        let a = 0xdeadbeef, b = 0x41c6ce57;
        for (let i = 0; i < text.length; i++) {
            const code = text.charCodeAt(i);
            a = Math.imul(a ^ code, 2654435761); b = Math.imul(b ^ code, 1597334677);
        }
        a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
        b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
        return 4294967296 * (2097151 & b) + (a >>> 0);
    };
    const visible = element => element.checkVisibility({visibilityProperty: true, opacityProperty: true});
    const inside = (a, b) =>
        a.left >= b.left - 1 && a.right <= b.right + 1 && a.top >= b.top - 1 && a.bottom <= b.bottom + 1;
    const meet = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

    let grounds, floating; // of the display that is looked at
    const forget = () => { grounds = new Map(); floating = null; };
    const ground = element => { // what is behind: backgrounds from the page's to the element's own
        if (!element) return {id: 0, paints: false, box: null};
        let known = grounds.get(element);
        if (!known) {
            const style = getComputedStyle(element), behind = ground(element.parentElement);
            const paints = style.backgroundImage != 'none' || !style.backgroundColor.endsWith(', 0)');
            const own = [
                style.backgroundColor, style.backgroundImage, style.backgroundClip, style.opacity, style.position,
                style.zIndex, style.filter, style.mixBlendMode, style.clip, style.clipPath, style.transform,
            ];
            known = {
                id: hash(`${behind.id} ${own}`), style, paints,
                floats: !['static', 'relative'].includes(style.position),
                box: paints ? element.getBoundingClientRect() : behind.box,
            };
            grounds.set(element, known);
        }
        return known;
    };
    const over = () => floating ??= [...document.body.querySelectorAll('*')]
        .filter(each => visible(each) && ground(each).floats && ground(each).paints)
        .map(each => [each, each.getBoundingClientRect(), ground(each).id]);
    const contrastOf = element => { // null: of what can't be seen nothing is known
        const box = element.getBoundingClientRect();
        if (!visible(element) || !box.width || !box.height) return null;
        const {id, style, box: painted} = ground(element), size = parseFloat(style.fontSize);
        const large = size >= 24 || size >= 18.66 && style.fontWeight >= 700;
        const across = over().filter(([each, its]) => !each.contains(element) && meet(its, box)).map(each => each[2]);
        const within = !painted || inside(box, painted);
        return hash([id, style.color, style.textShadow, large, within, element.tagName, across].join());
    };

    const check = axe._audit.checks['color-contrast'], evaluate = check.evaluate, good = new Set();
    let fresh = [];
    // A text that has passed is no case for the rule: to find out whether it is one takes axe as long as to look at it.
    const rule = axe._audit.rules.find(({id}) => id == 'color-contrast'), matches = rule.matches;
    rule.matches = function (node, ...others) {
        return !good.has(contrastOf(node)) && matches.call(this, node, ...others);
    };
    check.evaluate = function (node, ...others) {
        const key = contrastOf(node);
        if (good.has(key)) {
            this.data({});
            return true;
        }
        const result = evaluate.call(this, node, ...others);
        if (result === true && key !== null) {
            good.add(key);
            fresh.push(key);
        }
        return result;
    };

    // Either of two checks is enough for these rules: what the one has passed is not asked of the other, which would
    // look through all that lies around a target, or behind a link.
    const {'target-size': size, 'target-offset': distance, 'link-in-text-block': colour} = axe._audit.checks;
    const {'link-in-text-block-style': style} = axe._audit.checks, unseen = {data() {}, relatedNodes() {}};
    const spared = (check, enough) => {
        const asked = check.evaluate;
        check.evaluate = function (node, options, ...others) {
            if (!enough(node, ...others)) return asked.call(this, node, options, ...others);
            this.data({});
            return true;
        };
    };
    const measure = size.evaluate;
    let sized = new WeakSet(); // targets that are large enough, at the display that is looked at
    size.evaluate = function (node, ...others) {
        const result = measure.call(this, node, ...others);
        if (result === true) sized.add(node);
        return result;
    };
    spared(distance, node => sized.has(node));
    spared(colour, (node, ...others) => style.evaluate.call(unseen, node, style.options, ...others) === true);

    window.once = {
        // Everything but how it is drawn: marks, and which of them can be seen.
        structure() {
            const {documentElement: root, head, body} = document;
            const kept = [root, body].map(each =>
                [...each.attributes].filter(({name}) => name != 'class').map(({name, value}) => `${name}=${value}`));
            const seen = [...body.querySelectorAll('*')].map(each => +visible(each)).join('');
            return hash([...kept, head.innerHTML, body.innerHTML, seen].join('\n'));
        },
        // `drawn`: the only rules that are asked for, or null for all of the tags.
        run(tags, drawn, known) {
            forget();
            sized = new WeakSet();
            good.clear();
            if (known) known.split(' ').forEach(each => good.add(+each));
            fresh = [];
            const rules = {};
            for (const {ruleId} of drawn ? axe.getRules(tags) : [])
                if (!drawn.includes(ruleId)) rules[ruleId] = {enabled: false};
            return axe.run({runOnly: tags, rules, resultTypes: ['violations']}).then(found => [
                found.violations.map(each => [each.id, each.help, ...each.nodes.map(node => node.html)]), fresh]);
        },
    };
    forget();
})()
