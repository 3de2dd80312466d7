//! Tokens into an expression, by precedence (V. Pratt, Top down operator precedence, 1973).
//!
//! Steps of a path are joined while it is read, and each `%` looks for the step whose context it means: that step then carries its context along,
//! under a label that the `%` reads.

use crate::ast::{Binary, Group, Kind, Lambda, Node, Slot, SortTerm, Stage, Symbol, Transform};
use crate::error::{Error, Result};
use crate::lexer::{Lexer, Token};
use crate::signature::Signature;

/// Expressions nest no deeper than this.
const MAX_NESTING: usize = 500;

/// …and have no more operators: `1+1+1+…` nests too, and what nests is dropped recursively.
const MAX_OPERATORS: usize = 5_000;

pub(crate) struct Parsed {
    pub(crate) root: Node,
    /// Names of variables, then labels of parents, by symbol.
    pub(crate) names: Vec<String>,
    /// The label of each slot.
    pub(crate) labels: Vec<Symbol>,
}

pub(crate) fn parse(text: &str) -> Result<Parsed> {
    let mut parser = Parser {
        lexer: Lexer::new(text),
        token: Token::End,
        position: 0,
        names: Vec::new(),
        slots: Vec::new(),
        depth: 0,
        operators: 0,
    };
    parser.advance(false)?;
    let root = parser.expression(0)?;
    if !matches!(parser.token, Token::End) {
        return parser.fail("S0201", format!("{} does not belong here", parser.token.shown()));
    }
    if matches!(root.kind, Kind::Parent(_)) || !root.seeking.is_empty() {
        return Err(Error::new("S0217", root.position, "the parent that % asks for cannot be derived here"));
    }
    let labels = parser.slots.iter().map(|slot| slot.label).collect();
    Ok(Parsed { root, names: parser.names, labels })
}

struct Parser {
    lexer: Lexer,
    token: Token,
    position: usize,
    names: Vec<String>,
    slots: Vec<SlotState>,
    depth: usize,
    operators: usize,
}

struct SlotState {
    level: usize,
    label: Symbol,
}

/// How tightly an operator binds to what stands before it.
fn power(token: &Token) -> u8 {
    let Token::Operator(sign) = token else { return 0 };
    match *sign {
        "[" | "(" | "@" | "#" => 80,
        "." => 75,
        "{" => 70,
        "*" | "/" | "%" => 60,
        "+" | "-" | "&" => 50,
        "=" | "<" | ">" | "^" | "!=" | "<=" | ">=" | "~>" | "?:" | "??" | "in" => 40,
        "and" => 30,
        "or" => 25,
        "?" => 20,
        ":=" => 10,
        _ => 0,
    }
}

fn binary(sign: &str) -> Option<Binary> {
    Some(match sign {
        "+" => Binary::Add,
        "-" => Binary::Subtract,
        "*" => Binary::Multiply,
        "/" => Binary::Divide,
        "%" => Binary::Remainder,
        "=" => Binary::Equal,
        "!=" => Binary::NotEqual,
        "<" => Binary::Less,
        "<=" => Binary::LessOrEqual,
        ">" => Binary::Greater,
        ">=" => Binary::GreaterOrEqual,
        "&" => Binary::Concatenate,
        "and" => Binary::And,
        "or" => Binary::Or,
        "in" => Binary::In,
        _ => return None,
    })
}

impl Parser {
    fn fail<T>(&self, code: &'static str, message: impl Into<String>) -> Result<T> {
        Err(Error::new(code, self.position, message))
    }

    fn advance(&mut self, infix: bool) -> Result<()> {
        self.token = self.lexer.next(infix)?;
        self.position = self.lexer.position();
        Ok(())
    }

    fn expect(&mut self, sign: &'static str, infix: bool) -> Result<()> {
        if self.token.is(sign) {
            return self.advance(infix);
        }
        match self.token {
            Token::End => self.fail("S0203", format!("the expression ends where {sign} is expected")),
            _ => self.fail("S0202", format!("{sign} is expected, and not {}", self.token.shown())),
        }
    }

    fn symbol(&mut self, name: &str) -> Symbol {
        match self.names.iter().position(|known| known == name) {
            Some(symbol) => symbol,
            None => {
                self.names.push(name.to_owned());
                self.names.len() - 1
            }
        }
    }

    fn expression(&mut self, right: u8) -> Result<Node> {
        self.depth += 1;
        if self.depth > MAX_NESTING {
            return self.fail("L0002", format!("the expression is nested more than {MAX_NESTING} deep"));
        }
        let parsed = stacker::maybe_grow(1_500 * 1024, 4 * 1024 * 1024, || self.climb(right));
        self.depth -= 1;
        parsed
    }

    fn climb(&mut self, right: u8) -> Result<Node> {
        let (token, position) = (std::mem::replace(&mut self.token, Token::End), self.position);
        self.advance(true)?;
        let mut left = self.operand(token, position)?;
        while right < power(&self.token) {
            let Token::Operator(sign) = self.token else { break };
            self.operators += usize::from(sign != ".");
            if self.operators > MAX_OPERATORS {
                return self.fail("L0002", format!("the expression has more than {MAX_OPERATORS} operators"));
            }
            let position = self.position;
            self.advance(false)?;
            left = self.operator(sign, left, position)?;
        }
        Ok(left)
    }

    fn operand(&mut self, token: Token, position: usize) -> Result<Node> {
        let kind = match token {
            Token::Name(name) => return Ok(Node::path(vec![Node::new(Kind::Name(name), position)], position)),
            Token::Variable(name) => match name.as_str() {
                "" => Kind::Context,
                "$" => Kind::Root,
                name => Kind::Variable(self.symbol(name)),
            },
            Token::Text(text) => Kind::Text(text),
            Token::Number(n) => Kind::Number(n),
            Token::True => Kind::Bool(true),
            Token::False => Kind::Bool(false),
            Token::Null => Kind::Null,
            Token::Regex(regex) => Kind::Regex(regex),
            Token::End => return Err(Error::new("S0207", position, "the expression ends where a value is expected")),
            Token::Operator(sign) => return self.prefix(sign, position),
        };
        Ok(Node::new(kind, position))
    }

    fn prefix(&mut self, sign: &'static str, position: usize) -> Result<Node> {
        match sign {
            "and" | "or" | "in" => Ok(Node::path(vec![Node::new(Kind::Name(sign.to_owned()), position)], position)),
            "-" => {
                let mut operand = self.expression(70)?;
                if let Kind::Number(n) = &mut operand.kind {
                    *n = -*n;
                    return Ok(operand);
                }
                let seeking = self.sought(&operand);
                let mut node = Node::new(Kind::Negate(Box::new(operand)), position);
                node.seeking = seeking;
                Ok(node)
            }
            "*" => Ok(Node::new(Kind::Wildcard, position)),
            "**" => Ok(Node::new(Kind::Descendants, position)),
            "%" => {
                let label = self.symbol(&format!("!{}", self.slots.len()));
                self.slots.push(SlotState { level: 1, label });
                Ok(Node::new(Kind::Parent(self.slots.len() - 1), position))
            }
            "(" => self.block(position),
            "[" => self.array(position),
            "{" => {
                let pairs = self.pairs()?;
                let mut node = Node::new(Kind::Null, position);
                for (key, value) in &pairs {
                    node.seeking.extend(self.sought(key));
                    node.seeking.extend(self.sought(value));
                }
                node.kind = Kind::Object(Box::new(Group { pairs, position }));
                Ok(node)
            }
            "|" => self.transform(position),
            _ => Err(Error::new("S0211", position, format!("{sign} cannot stand before a value"))),
        }
    }

    fn block(&mut self, position: usize) -> Result<Node> {
        let mut expressions = Vec::new();
        while !self.token.is(")") {
            expressions.push(self.expression(0)?);
            if !self.token.is(";") {
                break;
            }
            self.advance(false)?;
        }
        self.expect(")", true)?;
        let seeking = expressions.iter().flat_map(|node| self.sought(node)).collect();
        let construct_array = expressions.iter().any(|node| match &node.kind {
            Kind::Path { steps, .. } => steps.first().is_some_and(|step| step.construct_array),
            _ => node.construct_array,
        });
        let mut node = Node::new(Kind::Block(expressions), position);
        node.seeking = seeking;
        node.construct_array = construct_array;
        Ok(node)
    }

    fn array(&mut self, position: usize) -> Result<Node> {
        let mut items = Vec::new();
        while !self.token.is("]") {
            let mut item = self.expression(0)?;
            if self.token.is("..") {
                let at = self.position;
                self.advance(false)?;
                let to = self.expression(0)?;
                item = self.joined(Binary::Range, item, to, at);
            }
            items.push(item);
            if !self.token.is(",") {
                break;
            }
            self.advance(false)?;
            if self.token.is("]") {
                return self.fail("S0211", "] cannot stand before a value");
            }
        }
        self.expect("]", true)?;
        let seeking = items.iter().flat_map(|node| self.sought(node)).collect();
        let mut node = Node::new(Kind::Array(items), position);
        node.seeking = seeking;
        Ok(node)
    }

    fn pairs(&mut self) -> Result<Vec<(Node, Node)>> {
        let mut pairs = Vec::new();
        if !self.token.is("}") {
            loop {
                let key = self.expression(0)?;
                self.expect(":", false)?;
                pairs.push((key, self.expression(0)?));
                if !self.token.is(",") {
                    break;
                }
                self.advance(false)?;
            }
        }
        self.expect("}", true)?;
        Ok(pairs)
    }

    fn transform(&mut self, position: usize) -> Result<Node> {
        let pattern = self.expression(0)?;
        self.expect("|", false)?;
        let update = self.expression(0)?;
        let mut delete = None;
        if self.token.is(",") {
            self.advance(false)?;
            delete = Some(self.expression(0)?);
        }
        self.expect("|", false)?;
        Ok(Node::new(Kind::Transform(Box::new(Transform { pattern, update, delete })), position))
    }

    fn operator(&mut self, sign: &'static str, left: Node, position: usize) -> Result<Node> {
        match sign {
            "." => {
                let right = self.expression(75)?;
                self.step(left, right, position)
            }
            "[" => self.predicate(left, position),
            "(" => self.call(left, position),
            "{" => {
                let mut left = left;
                let pairs = self.pairs()?;
                if left.group.is_some() {
                    return Err(Error::new("S0210", position, "a step can have one grouping only"));
                }
                left.group = Some(Box::new(Group { pairs, position }));
                Ok(left)
            }
            "^" => self.sort(left, position),
            "@" | "#" => self.bind_step(sign, left, position),
            ":=" => {
                let name = match left.kind {
                    Kind::Variable(name) if left.predicates.is_empty() && left.group.is_none() => name,
                    _ => {
                        let message = "the left side of := must be a variable ($name)";
                        return Err(Error::new("S0212", left.position, message));
                    }
                };
                let value = self.expression(9)?;
                let seeking = self.sought(&value);
                let mut node = Node::new(Kind::Bind(name, Box::new(value)), position);
                node.seeking = seeking;
                Ok(node)
            }
            "~>" => {
                let right = self.expression(40)?;
                let keep_array = left.keep_array || right.keep_array;
                let mut node = Node::new(Kind::Apply(Box::new(left), Box::new(right)), position);
                node.keep_array = keep_array;
                Ok(node)
            }
            "?" => {
                let then = self.expression(0)?;
                let mut otherwise = None;
                if self.token.is(":") {
                    self.advance(false)?;
                    otherwise = Some(self.expression(0)?);
                }
                let mut seeking = self.sought(&left);
                seeking.extend(self.sought(&then));
                seeking.extend(otherwise.iter().flat_map(|node| self.sought(node)));
                let otherwise = otherwise.map(Box::new);
                let mut node =
                    Node::new(Kind::Condition { test: Box::new(left), then: Box::new(then), otherwise }, position);
                node.seeking = seeking;
                Ok(node)
            }
            "?:" | "??" => {
                let right = self.expression(0)?;
                let mut seeking = self.sought(&left);
                seeking.extend(self.sought(&right));
                let (left, right) = (Box::new(left), Box::new(right));
                let kind = if sign == "?:" { Kind::Default(left, right) } else { Kind::Coalesce(left, right) };
                let mut node = Node::new(kind, position);
                node.seeking = seeking;
                Ok(node)
            }
            _ => match binary(sign) {
                Some(operator) => {
                    let right = self.expression(power(&Token::Operator(sign)))?;
                    Ok(self.joined(operator, left, right, position))
                }
                None => Err(Error::new("S0201", position, format!("{sign} does not belong here"))),
            },
        }
    }

    fn joined(&mut self, operator: Binary, left: Node, right: Node, position: usize) -> Node {
        let mut seeking = self.sought(&left);
        seeking.extend(self.sought(&right));
        let mut node = Node::new(Kind::Binary { operator, left: Box::new(left), right: Box::new(right) }, position);
        node.seeking = seeking;
        node
    }

    /// `left.right`: one path.
    fn step(&mut self, left: Node, right: Node, position: usize) -> Result<Node> {
        let left_parent = match left.kind {
            Kind::Parent(slot) => Some(slot),
            _ => None,
        };
        let mut path = into_path(left, false);
        path.seeking.extend(left_parent);
        let Kind::Path { steps, keep_singleton } = &mut path.kind else { return Ok(path) };
        let mut group = None;
        match right {
            Node { kind: Kind::Path { steps: more, .. }, group: grouped, .. } => {
                steps.extend(more);
                group = grouped;
            }
            mut right => {
                right.stages.append(&mut right.predicates);
                steps.push(right);
            }
        }
        for step in steps.iter_mut() {
            match &mut step.kind {
                Kind::Number(_) | Kind::Bool(_) | Kind::Null => {
                    return Err(Error::new("S0213", step.position, "a literal value cannot be a step of a path"));
                }
                Kind::Text(text) => step.kind = Kind::Name(std::mem::take(text)),
                _ => {}
            }
        }
        *keep_singleton |= steps.iter().any(|step| step.keep_array);
        for step in [0, steps.len() - 1] {
            if matches!(steps[step].kind, Kind::Array(_)) {
                steps[step].construct_array = true;
            }
        }
        if group.is_some() {
            path.group = group;
        }
        path.position = path.position.max(position);
        self.resolve(&mut path)?;
        Ok(path)
    }

    fn predicate(&mut self, mut left: Node, position: usize) -> Result<Node> {
        if self.token.is("]") {
            self.advance(false)?;
            keep_array(&mut left);
            return Ok(left);
        }
        let filter = self.expression(0)?;
        self.expect("]", true)?;
        let is_path = matches!(left.kind, Kind::Path { .. });
        let step = last_step(&mut left);
        if step.group.is_some() {
            return Err(Error::new("S0209", position, "a predicate cannot follow a grouping"));
        }
        if !filter.seeking.is_empty() {
            for &slot in &filter.seeking {
                if self.slots[slot].level == 1 {
                    self.seek(step, slot)?;
                } else {
                    self.slots[slot].level = self.slots[slot].level.saturating_sub(1);
                }
            }
            step.seeking.extend(self.sought(&filter));
        }
        let stages = if is_path { &mut step.stages } else { &mut step.predicates };
        stages.push(Stage::Filter(filter));
        Ok(left)
    }

    fn call(&mut self, function: Node, position: usize) -> Result<Node> {
        let mut arguments = Vec::new();
        let mut partial = false;
        if !self.token.is(")") {
            loop {
                if self.token.is("?") {
                    partial = true;
                    arguments.push(Node::new(Kind::Placeholder, self.position));
                    self.advance(false)?;
                } else {
                    arguments.push(self.expression(0)?);
                }
                if !self.token.is(",") {
                    break;
                }
                self.advance(false)?;
            }
        }
        self.expect(")", true)?;
        if matches!(function.single_name(), Some("function" | "λ")) && is_bare(&function) {
            return self.lambda(arguments, position);
        }
        let seeking = arguments.iter().flat_map(|node| self.sought(node)).collect();
        let function = Box::new(function);
        let kind = if partial { Kind::Partial { function, arguments } } else { Kind::Call { function, arguments } };
        let mut node = Node::new(kind, position);
        node.seeking = seeking;
        Ok(node)
    }

    fn lambda(&mut self, arguments: Vec<Node>, position: usize) -> Result<Node> {
        let mut parameters = Vec::new();
        for argument in arguments {
            let parameter = match argument.kind {
                Kind::Variable(name) => name,
                Kind::Context => self.symbol(""),
                Kind::Root => self.symbol("$"),
                _ => {
                    let message = "a parameter of a function must be a variable ($name)";
                    return Err(Error::new("S0208", argument.position, message));
                }
            };
            parameters.push(parameter);
        }
        let mut signature = None;
        if self.token.is("<") {
            let start = self.position;
            let mut text = "<".to_owned();
            let mut depth = 1;
            while depth > 0 {
                self.advance(false)?;
                match &self.token {
                    Token::Operator("{") | Token::End => break,
                    Token::Operator(">") => depth -= 1,
                    Token::Operator("<") => depth += 1,
                    _ => {}
                }
                text.push_str(&match &self.token {
                    Token::Operator(sign) => (*sign).to_owned(),
                    other => other.shown(),
                });
            }
            self.expect(">", false)?;
            signature = Some(Signature::parse(&text).map_err(|e| Error { position: start + e.position, ..e })?);
        }
        self.expect("{", false)?;
        let body = self.expression(0)?;
        self.expect("}", true)?;
        Ok(Node::new(Kind::Lambda(Box::new(Lambda { parameters, signature, body })), position))
    }

    fn sort(&mut self, left: Node, position: usize) -> Result<Node> {
        self.expect("(", false)?;
        let mut terms = Vec::new();
        loop {
            let descending = self.token.is(">");
            if descending || self.token.is("<") {
                self.advance(false)?;
            }
            terms.push(SortTerm { descending, expression: self.expression(0)? });
            if !self.token.is(",") {
                break;
            }
            self.advance(false)?;
        }
        self.expect(")", true)?;
        let mut step = Node::new(Kind::Null, position);
        step.seeking = terms.iter().flat_map(|term| self.sought(&term.expression)).collect();
        step.kind = Kind::Sort(terms);
        let mut path = into_path(left, false);
        if let Kind::Path { steps, .. } = &mut path.kind {
            steps.push(step);
        }
        self.resolve(&mut path)?;
        Ok(path)
    }

    /// `step@$name`, `step#$name`
    fn bind_step(&mut self, sign: &'static str, left: Node, position: usize) -> Result<Node> {
        let right = self.expression(80)?;
        let Kind::Variable(name) = right.kind else {
            let message = format!("the right side of {sign} must be a variable ($name)");
            return Err(Error::new("S0214", right.position, message));
        };
        if sign == "@" {
            let mut left = left;
            let step = last_step(&mut left);
            if !step.stages.is_empty() || !step.predicates.is_empty() {
                return Err(Error::new("S0215", position, "@ must come before the predicates of a step"));
            }
            if matches!(step.kind, Kind::Sort(_)) {
                return Err(Error::new("S0216", position, "@ must come before the order-by of a step"));
            }
            step.focus = Some(name);
            step.tuple = true;
            return Ok(left);
        }
        let mut path = into_path(left, true);
        let step = last_step(&mut path);
        if step.stages.is_empty() {
            step.index = Some(name);
        } else {
            step.stages.push(Stage::Index(name));
        }
        step.tuple = true;
        Ok(path)
    }

    /// The unresolved `%`s of an expression.
    fn sought(&self, node: &Node) -> Vec<Slot> {
        let own = match node.kind {
            Kind::Parent(slot) => Some(slot),
            _ => None,
        };
        node.seeking.iter().copied().chain(own).collect()
    }

    /// Finds the steps that the `%`s of a path's last step mean.
    fn resolve(&mut self, path: &mut Node) -> Result<()> {
        let Kind::Path { steps, .. } = &mut path.kind else { return Ok(()) };
        let Some(last) = steps.last() else { return Ok(()) };
        let slots = self.sought(last);
        for slot in slots {
            let mut before = steps.len() - 1;
            while self.slots[slot].level > 0 {
                if before == 0 {
                    path.seeking.push(slot);
                    break;
                }
                before -= 1;
                // Of steps that bind and stay at their context, the first counts.
                while before > 0 && steps[before].focus.is_some() && steps[before - 1].focus.is_some() {
                    before -= 1;
                }
                self.seek(&mut steps[before], slot)?;
            }
        }
        Ok(())
    }

    fn seek(&mut self, node: &mut Node, slot: Slot) -> Result<()> {
        match &mut node.kind {
            Kind::Name(_) | Kind::Wildcard => {
                self.slots[slot].level = self.slots[slot].level.saturating_sub(1);
                if self.slots[slot].level == 0 {
                    match node.ancestor {
                        Some(other) => self.slots[slot].label = self.slots[other].label,
                        None => node.ancestor = Some(slot),
                    }
                    node.tuple = true;
                }
            }
            Kind::Parent(_) => self.slots[slot].level += 1,
            Kind::Block(expressions) => {
                if let Some(last) = expressions.last_mut() {
                    node.tuple = true;
                    self.seek(last, slot)?;
                }
            }
            Kind::Path { steps, .. } => {
                node.tuple = true;
                for step in steps.iter_mut().rev() {
                    self.seek(step, slot)?;
                    if self.slots[slot].level == 0 {
                        break;
                    }
                }
            }
            _ => {
                return Err(Error::new("S0217", node.position, "the parent that % asks for cannot be derived here"));
            }
        }
        Ok(())
    }
}

/// As a path of one step, unless it is a path; predicates of what becomes a step filter for each context if `as_stages`.
fn into_path(mut node: Node, as_stages: bool) -> Node {
    if matches!(node.kind, Kind::Path { .. }) {
        return node;
    }
    if as_stages {
        node.stages.append(&mut node.predicates);
    }
    let position = node.position;
    Node::path(vec![node], position)
}

fn last_step(node: &mut Node) -> &mut Node {
    if !matches!(&node.kind, Kind::Path { steps, .. } if !steps.is_empty()) {
        return node;
    }
    match &mut node.kind {
        Kind::Path { steps, .. } => {
            let last = steps.len() - 1;
            &mut steps[last]
        }
        _ => unreachable!("seen to be a path"),
    }
}

/// `[]` behind a name keeps the path's result a list; behind anything else, that result.
fn keep_array(node: &mut Node) {
    match &mut node.kind {
        Kind::Path { steps, keep_singleton } => {
            let marked = match steps.last_mut() {
                Some(last) if !matches!(last.kind, Kind::Sort(_)) => {
                    last.keep_array = true;
                    true
                }
                _ => false,
            };
            *keep_singleton |= marked;
            node.keep_array |= !marked || node.group.is_some();
        }
        _ => node.keep_array = true,
    }
}

/// A name and nothing more.
fn is_bare(node: &Node) -> bool {
    match &node.kind {
        Kind::Path { steps, .. } => steps.iter().all(|s| s.stages.is_empty() && !s.tuple) && node.group.is_none(),
        _ => false,
    }
}
