//! Evaluates an expression over a document.
//!
//! Every step of the work is counted, calls nest to a bound, and what is made grows to a bound, so that no expression hangs the program or fills its memory. The
//! stack grows on the heap where recursion is deep.

use crate::ast::{Binary, Kind, Lambda, Node, Stage, Symbol, Transform};
use crate::error::{Error, Result};
use crate::functions::{self, Native};
use crate::path::Flow;
use crate::regex::Regex;
use crate::value::{MAX_NESTING, Marks, Members, Text, Value};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::{Rc, Weak};

/// How much an evaluation may use, and what it may know of the world.
#[derive(Clone, Debug)]
pub struct Options {
    /// Steps of work: nodes evaluated, items looked at, characters written. A hundred million take some seconds.
    pub steps: u64,
    /// How deeply evaluations nest.
    pub depth: u32,
    /// What `$millis` says, in milliseconds since 1970 UTC; without it that is an error.
    pub now: Option<i64>,
}

impl Default for Options {
    fn default() -> Self {
        Self { steps: 200_000_000, depth: 20_000, now: None }
    }
}

/// A function of the program's own that an expression may call.
pub type HostFunction = for<'d> fn(&mut Evaluator<'d>, &[Value<'d>]) -> Result<Value<'d>>;

/// Variables that an expression finds set, by name without `$`.
#[derive(Default)]
pub struct Bindings<'d> {
    /// Values.
    pub values: BTreeMap<String, &'d serde_json::Value>,
    /// Objects of functions: `$library.function(…)`.
    pub libraries: BTreeMap<String, &'d [(&'static str, HostFunction)]>,
}

/// One evaluation at work.
pub struct Evaluator<'d> {
    globals: Vec<Value<'d>>,
    labels: &'d [Symbol],
    root: Value<'d>,
    steps: u64,
    depth: u32,
    max_depth: u32,
    pub(crate) now: Option<i64>,
    /// Frames that closures hold: they can hold one another in a circle, so they are emptied at the end.
    closures: Vec<Weak<Frame<'d>>>,
}

/// Variables of a block, of a call, of an item of a path.
pub struct Frame<'d> {
    parent: Option<Rc<Self>>,
    variables: RefCell<Vec<(Symbol, Value<'d>)>>,
    depth: Cell<u32>,
}

impl<'d> Frame<'d> {
    pub(crate) fn within(parent: &Rc<Self>, variables: Vec<(Symbol, Value<'d>)>) -> Result<Rc<Self>> {
        let held = variables.iter().map(|(_, v)| v.depth()).max().unwrap_or(0);
        let depth = parent.depth.get().max(held) + 1;
        bounded(depth)?;
        let parent = Some(Rc::clone(parent));
        Ok(Rc::new(Self { parent, variables: RefCell::new(variables), depth: Cell::new(depth) }))
    }

    fn bind(&self, name: Symbol, value: Value<'d>) -> Result<()> {
        self.depth.set(self.depth.get().max(value.depth() + 1));
        bounded(self.depth.get())?;
        let mut variables = self.variables.borrow_mut();
        match variables.iter_mut().find(|(known, _)| *known == name) {
            Some((_, old)) => *old = value,
            None => variables.push((name, value)),
        }
        Ok(())
    }
}

/// What is nested is dropped recursively, so it must not nest without bound.
fn bounded(depth: u32) -> Result<()> {
    if depth > 2 * MAX_NESTING {
        return Err(Error::here("L0003", format!("closures hold one another more than {} deep", 2 * MAX_NESTING)));
    }
    Ok(())
}

/// What can be called.
pub struct Function<'d> {
    pub(crate) kind: FunctionKind<'d>,
}

pub(crate) enum FunctionKind<'d> {
    Lambda {
        lambda: &'d Lambda,
        frame: Rc<Frame<'d>>,
        input: Value<'d>,
    },
    Native(&'static Native),
    Host(HostFunction),
    /// Arguments that are given, and holes.
    Partial {
        function: Rc<Function<'d>>,
        arguments: Vec<Option<Value<'d>>>,
    },
    /// First one, then the other.
    Chain(Rc<Function<'d>>, Rc<Function<'d>>),
    Transform {
        transform: &'d Transform,
        frame: Rc<Frame<'d>>,
    },
    Regex(&'d Regex),
    /// The next match of a pattern.
    Next {
        regex: &'d Regex,
        text: Text<'d>,
        from: usize,
    },
}

impl<'d> Function<'d> {
    pub(crate) fn value(kind: FunctionKind<'d>) -> Value<'d> {
        Value::Function(Rc::new(Self { kind }))
    }

    /// How many arguments it looks at.
    pub(crate) fn arity(&self) -> usize {
        match &self.kind {
            FunctionKind::Lambda { lambda, .. } => lambda.parameters.len(),
            FunctionKind::Native(native) => native.arity,
            FunctionKind::Host(_) => usize::MAX,
            FunctionKind::Partial { arguments, .. } => arguments.iter().filter(|a| a.is_none()).count(),
            FunctionKind::Chain(..) | FunctionKind::Transform { .. } | FunctionKind::Regex(_) => 1,
            FunctionKind::Next { .. } => 0,
        }
    }

    pub(crate) fn depth(&self) -> u32 {
        match &self.kind {
            FunctionKind::Lambda { frame, input, .. } => frame.depth.get().max(input.depth()) + 1,
            FunctionKind::Transform { frame, .. } => frame.depth.get() + 1,
            FunctionKind::Partial { function, arguments } => {
                arguments.iter().flatten().map(Value::depth).max().unwrap_or(0).max(function.depth()) + 1
            }
            FunctionKind::Chain(first, second) => first.depth().max(second.depth()) + 1,
            _ => 0,
        }
    }
}

/// What the last expression of a function leads to: calls there take no stack.
enum Tail<'d> {
    Value(Value<'d>),
    Call(Rc<Function<'d>>, Vec<Value<'d>>, Value<'d>),
}

impl<'d> Evaluator<'d> {
    pub(crate) fn run(
        root: &'d Node,
        names: &'d [String],
        labels: &'d [Symbol],
        document: Value<'d>,
        bindings: &Bindings<'d>,
        options: &Options,
    ) -> Result<Option<serde_json::Value>> {
        let mut evaluator = Self {
            globals: names.iter().map(|name| global(name, bindings)).collect(),
            labels,
            root: Value::Undefined,
            steps: options.steps,
            depth: 0,
            max_depth: options.depth,
            now: options.now,
            closures: Vec::new(),
        };
        let wrapper = Marks { wrapper: true, ..Marks::SEQUENCE };
        let input = match &document {
            Value::Array(_) => Value::marked(vec![document.clone()], wrapper),
            _ => document.clone(),
        };
        evaluator.root = document;
        let frame = Rc::new(Frame { parent: None, variables: RefCell::default(), depth: Cell::new(0) });
        let result = evaluator.eval(root, &input, &frame).and_then(|value| evaluator.output(&value));
        for closure in evaluator.closures.drain(..) {
            if let Some(frame) = closure.upgrade() {
                let held = frame.variables.take();
                drop(held);
            }
        }
        result
    }

    fn output(&mut self, value: &Value<'d>) -> Result<Option<serde_json::Value>> {
        let json = value.to_json(&mut self.steps);
        self.spend(1)?;
        Ok(json)
    }

    /// Counts work that is done.
    pub(crate) fn spend(&mut self, steps: usize) -> Result<()> {
        match self.steps.checked_sub(steps as u64) {
            Some(left) => {
                self.steps = left;
                Ok(())
            }
            None => Err(Error::here("L0001", "the evaluation takes too many steps")),
        }
    }

    pub(crate) fn truth(&mut self, value: &Value<'d>) -> Result<bool> {
        let truth = value.truth(&mut self.steps);
        self.spend(1)?;
        Ok(truth)
    }

    fn holds(&mut self, node: &'d Node, input: &Value<'d>, frame: &Rc<Frame<'d>>) -> Result<bool> {
        let value = self.eval(node, input, frame)?;
        self.truth(&value)
    }

    pub(crate) fn same(&mut self, a: &Value<'d>, b: &Value<'d>) -> Result<bool> {
        let same = a.same(b, &mut self.steps);
        self.spend(1)?;
        Ok(same)
    }

    /// What a name leads to: of an object its member, of a list the members of all.
    pub(crate) fn member(&mut self, input: &Value<'d>, name: &str) -> Result<Value<'d>> {
        match input {
            Value::Object(object) => Ok(object.get(name)),
            Value::Array(array) => {
                let mut found = Vec::new();
                self.spend(array.len())?;
                for item in array.iter() {
                    match self.member(&item, name)? {
                        Value::Undefined => {}
                        Value::Array(array) => {
                            self.spend(array.len() / 8)?;
                            found.extend(array.into_items());
                        }
                        value => found.push(value),
                    }
                }
                Ok(Value::marked(found, Marks::SEQUENCE))
            }
            _ => Ok(Value::Undefined),
        }
    }

    fn flatten(&mut self, value: Value<'d>, into: &mut Vec<Value<'d>>) -> Result<()> {
        self.spend(1)?;
        match value {
            Value::Array(array) => array.iter().try_for_each(|item| self.flatten(item, into))?,
            other => into.push(other),
        }
        Ok(())
    }

    fn descend(&mut self, value: &Value<'d>, into: &mut Vec<Value<'d>>) -> Result<()> {
        self.spend(1)?;
        match value {
            Value::Undefined => {}
            Value::Array(array) => array.iter().try_for_each(|item| self.descend(&item, into))?,
            Value::Object(object) => {
                into.push(value.clone());
                object.entries().iter().try_for_each(|(_, member)| self.descend(member, into))?;
            }
            other => into.push(other.clone()),
        }
        Ok(())
    }

    /// Looks for a pattern with the steps that are left.
    pub(crate) fn find(&mut self, regex: &Regex, text: &str, from: usize) -> Result<Option<crate::regex::Groups>> {
        regex
            .find(text, from, &mut self.steps)
            .map_err(|_| Error::here("L0001", "the search for a regular expression takes too many steps"))
    }

    fn lookup(&self, name: Symbol, frame: &Frame<'d>) -> Value<'d> {
        let mut frame = Some(frame);
        while let Some(this) = frame {
            if let Some((_, value)) = this.variables.borrow().iter().rev().find(|(known, _)| *known == name) {
                return value.clone();
            }
            frame = this.parent.as_deref();
        }
        self.globals.get(name).cloned().unwrap_or(Value::Undefined)
    }

    pub(crate) fn label(&self, slot: usize) -> Symbol {
        self.labels[slot]
    }

    /// Evaluates with the stack that it needs, counted and placed.
    pub(crate) fn eval(&mut self, node: &'d Node, input: &Value<'d>, frame: &Rc<Frame<'d>>) -> Result<Value<'d>> {
        // The most frequent of all: a name, looked up in an object.
        if let Kind::Path { steps, keep_singleton: false } = &node.kind
            && let [Node { kind: Kind::Name(name), stages, tuple: false, .. }] = steps.as_slice()
            && stages.is_empty()
            && node.group.is_none()
            && !node.keep_array
            && let Value::Object(object) = input
        {
            self.spend(1)?;
            let value = object.get(name);
            return Ok(if value.marks().sequence { Value::sequence(value.into_items()) } else { value });
        }
        match self.flow(node, input, frame)? {
            Flow::Value(value) => Ok(value),
            Flow::Tuples(tuples) => Ok(Value::sequence(tuples.into_iter().map(|tuple| tuple.at).collect())),
        }
    }

    /// Evaluates; what carries bindings along is given with them.
    pub(crate) fn flow(&mut self, node: &'d Node, input: &Value<'d>, frame: &Rc<Frame<'d>>) -> Result<Flow<'d>> {
        self.spend(1).map_err(|e| e.at(node.position))?;
        self.depth += 1;
        if self.depth > self.max_depth {
            self.depth -= 1;
            return Err(Error::new("L0002", node.position, "the evaluation is nested too deeply"));
        }
        let result = stacker::maybe_grow(96 * 1024, 2 * 1024 * 1024, || self.whole(node, input, frame));
        self.depth -= 1;
        result.map_err(|e| e.at(node.position))
    }

    fn whole(&mut self, node: &'d Node, input: &Value<'d>, frame: &Rc<Frame<'d>>) -> Result<Flow<'d>> {
        let mut flow = match &node.kind {
            Kind::Path { steps, keep_singleton } => self.path(node, steps, *keep_singleton, input, frame)?,
            Kind::Block(expressions) if node.tuple => self.block_flow(expressions, input, frame)?,
            _ => Flow::Value(self.plain(node, input, frame)?),
        };
        for predicate in &node.predicates {
            let Stage::Filter(filter) = predicate else { continue };
            flow = match flow {
                Flow::Value(value) => Flow::Value(self.filter(filter, value, frame)?),
                Flow::Tuples(tuples) => Flow::Tuples(self.filter_tuples(filter, tuples, frame)?),
            };
        }
        if let (Some(group), false) = (&node.group, matches!(node.kind, Kind::Path { .. })) {
            flow = Flow::Value(self.group(group, flow, frame)?);
        }
        Ok(match flow {
            Flow::Value(value) => Flow::Value(value.collapsed(node.keep_array)),
            tuples => tuples,
        })
    }

    fn block_flow(&mut self, expressions: &'d [Node], input: &Value<'d>, frame: &Rc<Frame<'d>>) -> Result<Flow<'d>> {
        let inner = Frame::within(frame, Vec::new())?;
        let mut flow = Flow::Value(Value::Undefined);
        for expression in expressions {
            flow = self.flow(expression, input, &inner)?;
        }
        Ok(flow)
    }

    fn plain(&mut self, node: &'d Node, input: &Value<'d>, frame: &Rc<Frame<'d>>) -> Result<Value<'d>> {
        Ok(match &node.kind {
            Kind::Name(name) => self.member(input, name)?,
            Kind::Text(text) => Value::str(text),
            Kind::Number(n) => Value::number(*n),
            Kind::Bool(b) => Value::Bool(*b),
            Kind::Null => Value::Null,
            Kind::Regex(regex) => Function::value(FunctionKind::Regex(regex)),
            Kind::Variable(name) => self.lookup(*name, frame),
            Kind::Context if input.marks().wrapper => match input {
                Value::Array(array) => array.get(0).unwrap_or(Value::Undefined),
                _ => Value::Undefined,
            },
            Kind::Context => input.clone(),
            Kind::Root => self.root.clone(),
            Kind::Wildcard => self.wildcard(input)?,
            Kind::Descendants => self.descendants(input)?,
            Kind::Parent(slot) => self.lookup(self.label(*slot), frame),
            Kind::Binary { operator, left, right } => self.binary(*operator, left, right, input, frame)?,
            Kind::Negate(operand) => match self.eval(operand, input, frame)? {
                Value::Undefined => Value::Undefined,
                Value::Number(n) => Value::number(-n.get()),
                _ => return Err(Error::here("D1002", "what is no number cannot be negated")),
            },
            Kind::Array(items) => self.array(node, items, input, frame)?,
            Kind::Object(group) => self.group(group, Flow::Value(input.clone()), frame)?,
            Kind::Condition { test, then, otherwise } => {
                if self.holds(test, input, frame)? {
                    self.eval(then, input, frame)?
                } else if let Some(otherwise) = otherwise {
                    self.eval(otherwise, input, frame)?
                } else {
                    Value::Undefined
                }
            }
            Kind::Default(value, otherwise) => {
                let value = self.eval(value, input, frame)?;
                if self.truth(&value)? { value } else { self.eval(otherwise, input, frame)? }
            }
            Kind::Coalesce(value, otherwise) => match self.eval(value, input, frame)? {
                Value::Undefined => self.eval(otherwise, input, frame)?,
                value => value,
            },
            Kind::Block(expressions) => {
                let inner = Frame::within(frame, Vec::new())?;
                let mut last = Value::Undefined;
                for expression in expressions {
                    last = self.eval(expression, input, &inner)?;
                }
                last
            }
            Kind::Bind(name, value) => {
                let value = self.eval(value, input, frame)?;
                frame.bind(*name, value.clone())?;
                value
            }
            Kind::Call { function, arguments } => self.call(function, arguments, None, input, frame)?,
            Kind::Partial { function, arguments } => self.partial(function, arguments, input, frame)?,
            Kind::Placeholder => return Err(Error::here("S0201", "? stands for an argument only in a call")),
            Kind::Lambda(lambda) => {
                self.closures.push(Rc::downgrade(frame));
                let (frame, input) = (Rc::clone(frame), input.clone());
                Function::value(FunctionKind::Lambda { lambda, frame, input })
            }
            Kind::Apply(left, right) => self.apply_operator(left, right, input, frame)?,
            Kind::Transform(transform) => {
                self.closures.push(Rc::downgrade(frame));
                Function::value(FunctionKind::Transform { transform, frame: Rc::clone(frame) })
            }
            Kind::Path { .. } | Kind::Sort(_) => Value::Undefined,
        })
    }

    fn array(&mut self, node: &Node, items: &'d [Node], input: &Value<'d>, frame: &Rc<Frame<'d>>) -> Result<Value<'d>> {
        let mut made = Vec::new();
        for item in items {
            let value = self.eval(item, input, frame)?;
            match (&item.kind, value) {
                (_, Value::Undefined) => {}
                (Kind::Array(_), value) => made.push(value),
                (_, value) => made.extend(value.into_items()),
            }
        }
        self.spend(made.len())?;
        self.made(Value::marked(made, Marks { constructed: node.construct_array, ..Marks::default() }))
    }

    /// What was made, unless it nests too deeply.
    pub(crate) fn made(&self, value: Value<'d>) -> Result<Value<'d>> {
        if value.depth() > MAX_NESTING {
            return Err(Error::here("L0003", format!("a value nests more than {MAX_NESTING} deep")));
        }
        Ok(value)
    }

    fn wildcard(&mut self, input: &Value<'d>) -> Result<Value<'d>> {
        let input = match input {
            Value::Array(array) if input.marks().wrapper => array.get(0).unwrap_or(Value::Undefined),
            other => other.clone(),
        };
        let values: Vec<Value<'d>> = match input {
            Value::Object(object) => object.entries().into_iter().map(|(_, value)| value).collect(),
            Value::Array(array) => array.into_items(),
            _ => Vec::new(),
        };
        let mut found = Vec::new();
        for value in values {
            self.flatten(value, &mut found)?;
        }
        Ok(Value::marked(found, Marks::SEQUENCE))
    }

    fn descendants(&mut self, input: &Value<'d>) -> Result<Value<'d>> {
        let mut found = Vec::new();
        self.descend(input, &mut found)?;
        Ok(Value::sequence(found))
    }

    fn binary(
        &mut self,
        operator: Binary,
        left: &'d Node,
        right: &'d Node,
        input: &Value<'d>,
        frame: &Rc<Frame<'d>>,
    ) -> Result<Value<'d>> {
        let first = self.eval(left, input, frame)?;
        if matches!(operator, Binary::And | Binary::Or) && self.truth(&first)? == (operator == Binary::Or) {
            return Ok(Value::Bool(operator == Binary::Or));
        }
        if operator == Binary::In
            && let Some(argument) = self.asked_keys(right, frame)
        {
            let subject = self.eval(argument, input, frame)?;
            return Ok(Value::Bool(match first.as_str() {
                Some(key) => self.has_key(&subject, key)?,
                None => false,
            }));
        }
        let second = self.eval(right, input, frame)?;
        Ok(match operator {
            Binary::And | Binary::Or => Value::Bool(self.truth(&second)?),
            Binary::Equal | Binary::NotEqual if first.is_undefined() || second.is_undefined() => Value::Bool(false),
            Binary::Equal => Value::Bool(self.same(&first, &second)?),
            Binary::NotEqual => Value::Bool(!self.same(&first, &second)?),
            Binary::In => Value::Bool(self.includes(&first, &second)?),
            Binary::Concatenate => {
                let (first, second) = (self.written(&first)?, self.written(&second)?);
                let text = format!("{first}{second}");
                self.spend(text.len() / 16)?;
                Value::text(text)
            }
            Binary::Range => self.range(&first, &second)?,
            Binary::Less | Binary::LessOrEqual | Binary::Greater | Binary::GreaterOrEqual => {
                compare(operator, &first, &second)?
            }
            _ => arithmetic(operator, &first, &second)?,
        })
    }

    /// The argument of `$keys(…)`: whether a key is among the keys is asked of the object itself, since rules ask it of objects with as many
    /// members as the document has values.
    fn asked_keys(&self, node: &'d Node, frame: &Frame<'d>) -> Option<&'d Node> {
        let Kind::Call { function, arguments } = &node.kind else { return None };
        let ([argument], Kind::Variable(name)) = (arguments.as_slice(), &function.kind) else { return None };
        let is_plain = node.predicates.is_empty() && node.group.is_none() && function.predicates.is_empty();
        match self.lookup(*name, frame) {
            Value::Function(function) if is_plain => match &function.kind {
                FunctionKind::Native(native) if native.name == "keys" => Some(argument),
                _ => None,
            },
            _ => None,
        }
    }

    fn has_key(&mut self, subject: &Value<'d>, key: &str) -> Result<bool> {
        self.spend(1)?;
        match subject {
            Value::Object(object) => Ok(!object.get(key).is_undefined()),
            Value::Array(array) => {
                for item in array.iter() {
                    if self.has_key(&item, key)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            _ => Ok(false),
        }
    }

    fn written(&mut self, value: &Value<'d>) -> Result<String> {
        match value {
            Value::Undefined => Ok(String::new()),
            value => functions::text::written(self, value, false),
        }
    }

    fn includes(&mut self, value: &Value<'d>, list: &Value<'d>) -> Result<bool> {
        if value.is_undefined() {
            return Ok(false);
        }
        match list {
            Value::Undefined => Ok(false),
            Value::Array(items) => {
                for item in items.iter() {
                    if self.same(&item, value)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            other => self.same(other, value),
        }
    }

    fn range(&mut self, from: &Value<'d>, to: &Value<'d>) -> Result<Value<'d>> {
        const MOST: f64 = 1e7;
        let whole = |value: &Value<'_>, code, side| match value {
            Value::Undefined => Ok(None),
            Value::Number(n) if n.get().fract() == 0.0 => Ok(Some(n.get())),
            _ => Err(Error::here(code, format!("the {side} side of .. must be a whole number"))),
        };
        let (from, to) = (whole(from, "T2003", "left")?, whole(to, "T2004", "right")?);
        let (Some(from), Some(to)) = (from, to) else { return Ok(Value::Undefined) };
        if from > to {
            return Ok(Value::Undefined);
        }
        if to - from + 1.0 > MOST {
            return Err(Error::here("D2014", format!("a range of {} numbers is too large", to - from + 1.0)));
        }
        let count = (to - from) as usize + 1;
        self.spend(count)?;
        let items = (0..count).map(|i| Value::number(from + i as f64)).collect();
        Ok(Value::marked(items, Marks::SEQUENCE))
    }

    /// The function of a call, or an error that says what is wrong with it.
    fn callee(
        &mut self,
        node: &'d Node,
        input: &Value<'d>,
        frame: &Rc<Frame<'d>>,
        codes: [&'static str; 2],
    ) -> Result<Rc<Function<'d>>> {
        match self.eval(node, input, frame)? {
            Value::Function(function) => Ok(function),
            Value::Undefined if node.single_name().is_some_and(functions::is_known) => {
                let name = node.single_name().unwrap_or_default();
                Err(Error::here(codes[0], format!("{name} is no function: is ${name} meant?")))
            }
            _ => Err(Error::here(codes[1], "what is called is no function")),
        }
    }

    fn arguments(
        &mut self,
        first: Option<Value<'d>>,
        nodes: &'d [Node],
        input: &Value<'d>,
        frame: &Rc<Frame<'d>>,
    ) -> Result<Vec<Value<'d>>> {
        let mut arguments = Vec::with_capacity(nodes.len() + 1);
        arguments.extend(first);
        for node in nodes {
            arguments.push(self.eval(node, input, frame)?);
        }
        Ok(arguments)
    }

    fn call(
        &mut self,
        function: &'d Node,
        nodes: &'d [Node],
        first: Option<Value<'d>>,
        input: &Value<'d>,
        frame: &Rc<Frame<'d>>,
    ) -> Result<Value<'d>> {
        let function = self.callee(function, input, frame, ["T1005", "T1006"])?;
        let arguments = self.arguments(first, nodes, input, frame)?;
        self.apply(&function, arguments, input)
    }

    fn partial(
        &mut self,
        function: &'d Node,
        nodes: &'d [Node],
        input: &Value<'d>,
        frame: &Rc<Frame<'d>>,
    ) -> Result<Value<'d>> {
        let mut arguments = Vec::new();
        for node in nodes {
            arguments.push(match node.kind {
                Kind::Placeholder => None,
                _ => Some(self.eval(node, input, frame)?),
            });
        }
        let function = self.callee(function, input, frame, ["T1007", "T1008"])?;
        let value = Function::value(FunctionKind::Partial { function, arguments });
        bounded(value.depth())?;
        Ok(value)
    }

    fn apply_operator(
        &mut self,
        left: &'d Node,
        right: &'d Node,
        input: &Value<'d>,
        frame: &Rc<Frame<'d>>,
    ) -> Result<Value<'d>> {
        let value = self.eval(left, input, frame)?;
        if let Kind::Call { function, arguments } = &right.kind
            && right.predicates.is_empty()
            && right.group.is_none()
        {
            return self.call(function, arguments, Some(value), input, frame).map_err(|e| e.at(right.position));
        }
        if let Kind::Call { function, arguments } = &right.kind {
            // Predicates behind the call filter what it gives.
            let mut result = self.call(function, arguments, Some(value), input, frame)?;
            for predicate in &right.predicates {
                if let Stage::Filter(filter) = predicate {
                    result = self.filter(filter, result, frame)?;
                }
            }
            return match &right.group {
                Some(group) => self.group(group, Flow::Value(result), frame),
                None => Ok(result.collapsed(right.keep_array)),
            };
        }
        let Value::Function(second) = self.eval(right, input, frame)? else {
            return Err(Error::here("T2006", "the right side of ~> must be a function"));
        };
        match value {
            Value::Function(first) => {
                let value = Function::value(FunctionKind::Chain(first, second));
                bounded(value.depth())?;
                Ok(value)
            }
            value => self.apply(&second, vec![value], &Value::Undefined),
        }
    }

    /// Calls a function. `context` serves where a native function lets its first argument be left out.
    pub(crate) fn apply(
        &mut self,
        function: &Rc<Function<'d>>,
        arguments: Vec<Value<'d>>,
        context: &Value<'d>,
    ) -> Result<Value<'d>> {
        let mut function = Rc::clone(function);
        let mut arguments = arguments;
        let mut context = context.clone();
        loop {
            match self.apply_once(&function, arguments, &context)? {
                Tail::Value(value) => return Ok(value),
                Tail::Call(next, with, within) => (function, arguments, context) = (next, with, within),
            }
        }
    }

    fn apply_once(
        &mut self,
        function: &Rc<Function<'d>>,
        arguments: Vec<Value<'d>>,
        context: &Value<'d>,
    ) -> Result<Tail<'d>> {
        self.spend(1)?;
        let value = match &function.kind {
            FunctionKind::Lambda { lambda, frame, input } => {
                let arguments = match &lambda.signature {
                    Some(signature) => signature.check(arguments, context)?,
                    None => arguments,
                };
                let given = arguments.into_iter().chain(std::iter::repeat(Value::Undefined));
                let variables = lambda.parameters.iter().copied().zip(given).collect();
                let inner = Frame::within(frame, variables)?;
                return self.tail(&lambda.body, input, &inner);
            }
            FunctionKind::Native(native) => {
                let arguments = native.signature.check(arguments, context)?;
                (native.function)(self, arguments, context)
                    .map_err(|e| Error { message: format!("${}: {}", native.name, e.message), ..e })?
            }
            FunctionKind::Host(host) => host(self, &arguments)?,
            FunctionKind::Partial { function, arguments: given } => {
                let mut rest = arguments.into_iter();
                let filled = given.iter().map(|g| g.clone().unwrap_or_else(|| rest.next().unwrap_or(Value::Undefined)));
                let filled = filled.collect();
                return Ok(Tail::Call(Rc::clone(function), filled, context.clone()));
            }
            FunctionKind::Chain(first, second) => {
                let value = self.apply(first, arguments, context)?;
                return Ok(Tail::Call(Rc::clone(second), vec![value], context.clone()));
            }
            FunctionKind::Transform { transform, frame } => {
                let subject = arguments.into_iter().next().unwrap_or(Value::Undefined);
                self.transform(transform, subject, frame)?
            }
            FunctionKind::Regex(regex) => match arguments.into_iter().next() {
                Some(Value::Text(text)) => functions::text::match_object(self, regex, text, 0)?,
                _ => Value::Undefined,
            },
            FunctionKind::Next { regex, text, from } => {
                functions::text::match_object(self, regex, text.clone(), *from)?
            }
        };
        Ok(Tail::Value(value))
    }

    /// The last expression of a function: what it calls at its end is handed back to be called.
    fn tail(&mut self, node: &'d Node, input: &Value<'d>, frame: &Rc<Frame<'d>>) -> Result<Tail<'d>> {
        if !node.predicates.is_empty() || node.group.is_some() || node.keep_array {
            return self.eval(node, input, frame).map(Tail::Value);
        }
        self.depth += 1;
        if self.depth > self.max_depth {
            self.depth -= 1;
            return Err(Error::new("L0002", node.position, "calls are nested too deeply"));
        }
        let tail = stacker::maybe_grow(96 * 1024, 2 * 1024 * 1024, || self.tail_of(node, input, frame));
        self.depth -= 1;
        tail.map_err(|e| e.at(node.position))
    }

    fn tail_of(&mut self, node: &'d Node, input: &Value<'d>, frame: &Rc<Frame<'d>>) -> Result<Tail<'d>> {
        match &node.kind {
            Kind::Condition { test, then, otherwise } => {
                if self.holds(test, input, frame)? {
                    self.tail(then, input, frame)
                } else if let Some(otherwise) = otherwise {
                    self.tail(otherwise, input, frame)
                } else {
                    Ok(Tail::Value(Value::Undefined))
                }
            }
            Kind::Block(expressions) if !node.tuple => {
                let inner = Frame::within(frame, Vec::new())?;
                let Some((last, before)) = expressions.split_last() else { return Ok(Tail::Value(Value::Undefined)) };
                for expression in before {
                    self.eval(expression, input, &inner)?;
                }
                self.tail(last, input, &inner)
            }
            Kind::Call { function, arguments } => {
                let function = self.callee(function, input, frame, ["T1005", "T1006"])?;
                let arguments = self.arguments(None, arguments, input, frame)?;
                Ok(Tail::Call(function, arguments, input.clone()))
            }
            _ => self.eval(node, input, frame).map(Tail::Value),
        }
    }

    fn transform(&mut self, transform: &'d Transform, subject: Value<'d>, frame: &Rc<Frame<'d>>) -> Result<Value<'d>> {
        match &subject {
            Value::Undefined => return Ok(Value::Undefined),
            Value::Object(_) | Value::Array(_) => {}
            _ => return Err(Error::here("T0410", "only an object or an array can be transformed")),
        }
        crate::transform::transform(self, transform, subject, frame)
    }
}

fn global<'d>(name: &str, bindings: &Bindings<'d>) -> Value<'d> {
    if let Some(value) = bindings.values.get(name) {
        return Value::of(value);
    }
    if let Some(library) = bindings.libraries.get(name) {
        let mut members = Members::default();
        for (name, function) in *library {
            members.insert((*name).into(), Function::value(FunctionKind::Host(*function)));
        }
        return Value::object(members);
    }
    functions::native(name).map_or(Value::Undefined, |native| Function::value(FunctionKind::Native(native)))
}

fn arithmetic<'d>(operator: Binary, left: &Value<'d>, right: &Value<'d>) -> Result<Value<'d>> {
    let number = |value: &Value<'_>, code, side| match value {
        Value::Undefined => Ok(None),
        Value::Number(n) => Ok(Some(n.get())),
        _ => Err(Error::here(code, format!("the {side} side of {} must be a number", operator.sign()))),
    };
    let (left, right) = (number(left, "T2001", "left")?, number(right, "T2002", "right")?);
    let (Some(left), Some(right)) = (left, right) else { return Ok(Value::Undefined) };
    let result = match operator {
        Binary::Add => left + right,
        Binary::Subtract => left - right,
        Binary::Multiply => left * right,
        Binary::Divide => left / right,
        _ => left % right,
    };
    if !result.is_finite() {
        return Err(Error::here("D1001", format!("{left} {} {right} is no number", operator.sign())));
    }
    Ok(Value::number(result))
}

fn compare<'d>(operator: Binary, left: &Value<'d>, right: &Value<'d>) -> Result<Value<'d>> {
    let comparable = |value: &Value<'_>| matches!(value, Value::Undefined | Value::Number(_) | Value::Text(_));
    if !comparable(left) || !comparable(right) {
        let message = format!("both sides of {} must be numbers or texts", operator.sign());
        return Err(Error::here("T2010", message));
    }
    let order = match (left, right) {
        (Value::Undefined, _) | (_, Value::Undefined) => return Ok(Value::Undefined),
        (Value::Number(a), Value::Number(b)) => a.get().partial_cmp(&b.get()),
        (Value::Text(a), Value::Text(b)) => Some(a.as_str().cmp(b.as_str())),
        _ => {
            let message = format!("the sides of {} must be both numbers or both texts", operator.sign());
            return Err(Error::here("T2009", message));
        }
    };
    Ok(Value::Bool(order.is_some_and(|order| match operator {
        Binary::Less => order.is_lt(),
        Binary::LessOrEqual => order.is_le(),
        Binary::Greater => order.is_gt(),
        _ => order.is_ge(),
    })))
}
