//! Calls: counting, checking and converting arguments by Go's signatures.

use super::{Outcome, Slot, State};
use crate::builtins::Builtin;
use crate::error::FuncError;
use crate::func::{Args, Call, Closure, Function, Signature};
use crate::parse::ast::{Callee, Node, NodeId};
use crate::types::Type;
use crate::value::Value;

impl State<'_, '_, '_> {
    pub(super) fn eval_function(
        &mut self,
        dot: &Slot,
        id: NodeId,
        command: NodeId,
        args: Option<&[NodeId]>,
        last: Option<Slot>,
    ) -> Outcome<Slot> {
        self.at(id);
        let Node::Identifier(named) = self.tree.node(id) else {
            return self.error("a function is missing");
        };
        let name = &*named.name;
        match &named.callee {
            Callee::Builtin(builtin) => self.call_builtin(dot, *builtin, command, name, args, last),
            Callee::Function(function) => {
                self.call_function(dot, function, command, name, args, last)
            }
        }
    }

    fn call_function(
        &mut self,
        dot: &Slot,
        function: &Function,
        id: NodeId,
        name: &str,
        args: Option<&[NodeId]>,
        last: Option<Slot>,
    ) -> Outcome<Slot> {
        let slots = self.arguments(dot, &function.signature, name, args, last)?;
        let values: Vec<Value> = slots.into_iter().map(Slot::into_value).collect();
        let mut call = Call { run: self.run, set: self.set, tree: self.tree, node: self.node };
        let result = (function.body)(&mut call, &Args(&values));
        self.result(id, name, function.signature.result, result)
    }

    pub(super) fn call_closure(
        &mut self,
        dot: &Slot,
        closure: &Closure,
        id: NodeId,
        name: &str,
        args: Option<&[NodeId]>,
        last: Option<Slot>,
    ) -> Outcome<Slot> {
        let slots = self.arguments(dot, &closure.signature, name, args, last)?;
        let values: Vec<Value> = slots.into_iter().map(Slot::into_value).collect();
        let mut call = Call { run: self.run, set: self.set, tree: self.tree, node: self.node };
        let result = (closure.body)(&mut call, &Args(&values));
        self.result(id, name, closure.signature.result, result)
    }

    fn result(
        &mut self,
        id: NodeId,
        name: &str,
        ty: Type,
        result: Result<Value, FuncError>,
    ) -> Outcome<Slot> {
        match result {
            Ok(value) => {
                self.check_size(id, &value)?;
                Ok(Slot::typed(value, ty))
            }
            Err(error) => {
                self.at(id);
                Err(self.function_error(name, error))
            }
        }
    }

    /// Refuses results so large that a few more doublings would fill the memory.
    fn check_size(&mut self, id: NodeId, value: &Value) -> Outcome<()> {
        let (size, limit, unit) = match value {
            Value::Str(text) => {
                let limit = self.run.options.limits.output.unwrap_or(usize::MAX);
                (text.len(), limit.min(crate::LONGEST_TEXT), "bytes of output")
            }
            Value::List(list) => (list.len(), crate::LONGEST_LIST, "elements of a list"),
            _ => return Ok(()),
        };
        if size <= limit {
            return Ok(());
        }
        self.at(id);
        self.error(format!("exceeded the limit of {limit} {unit}"))
    }

    fn call_builtin(
        &mut self,
        dot: &Slot,
        builtin: Builtin,
        id: NodeId,
        name: &str,
        args: Option<&[NodeId]>,
        last: Option<Slot>,
    ) -> Outcome<Slot> {
        let signature = builtin.signature();
        if matches!(builtin, Builtin::And | Builtin::Or) {
            let args = operands(args);
            self.check_count(&signature, name, args.len(), last.is_some())?;
            let mut value = Slot::Invalid;
            for &arg in args {
                value = self.eval_arg(dot, Some(Type::Reflect), arg)?;
                if value.value().truth() == (builtin == Builtin::Or) {
                    return Ok(value);
                }
            }
            return Ok(last.unwrap_or(value));
        }
        let callee_name = match operands(args).first() {
            Some(&first) if builtin == Builtin::Call => self.tree.show(first),
            _ => String::new(),
        };
        let slots = self.arguments(dot, &signature, name, args, last)?;
        let result = if builtin == Builtin::Call {
            let callee_name = if callee_name.is_empty() {
                slots.first().map(reflect_string).unwrap_or_default()
            } else {
                callee_name
            };
            self.call_value(&callee_name, slots)
        } else {
            builtin.call(&slots)
        };
        match result {
            Ok(slot) => {
                self.check_size(id, slot.value())?;
                Ok(slot)
            }
            Err(error) => {
                self.at(id);
                Err(self.function_error(name, error))
            }
        }
    }

    /// The `call` function: calls a value that is a function.
    fn call_value(&mut self, name: &str, mut argv: Vec<Slot>) -> Result<Slot, FuncError> {
        let callee = if argv.is_empty() { Slot::Invalid } else { argv.remove(0) };
        let closure = match callee.value() {
            Value::Nil => return Err(FuncError::new("call of nil")),
            Value::Func(closure) => std::rc::Rc::clone(closure),
            other => {
                let ty = other.type_name();
                return Err(FuncError::new(format!("non-function {name} of type {ty}")));
            }
        };
        let signature = closure.signature;
        let (got, want) = (argv.len(), signature.params.len());
        if signature.variadic {
            if got + 1 < want {
                let want = want - 1;
                return Err(FuncError::new(format!(
                    "wrong number of args for {name}: got {got} want at least {want}"
                )));
            }
        } else if got != want {
            return Err(FuncError::new(format!(
                "wrong number of args for {name}: got {got} want {want}"
            )));
        }
        let mut values = Vec::with_capacity(argv.len());
        for (index, slot) in argv.into_iter().enumerate() {
            let ty = signature.params[index.min(want.saturating_sub(1))];
            let value = prepare_arg(slot.concrete(), ty)
                .map_err(|error| FuncError::new(format!("arg {index}: {}", error.message)))?;
            values.push(value);
        }
        let mut call = Call { run: self.run, set: self.set, tree: self.tree, node: self.node };
        let value = (closure.body)(&mut call, &Args(&values))?;
        Ok(Slot::typed(value, signature.result))
    }

    fn check_count(
        &mut self,
        signature: &Signature,
        name: &str,
        given: usize,
        piped: bool,
    ) -> Outcome<()> {
        let count = given + usize::from(piped);
        let want = signature.params.len();
        if signature.variadic {
            if count + 1 < want {
                let want = want - 1;
                return self.error(format!(
                    "wrong number of args for {name}: want at least {want} got {given}"
                ));
            }
        } else if count != want {
            return self.error(format!("wrong number of args for {name}: want {want} got {count}"));
        }
        Ok(())
    }

    fn arguments(
        &mut self,
        dot: &Slot,
        signature: &Signature,
        name: &str,
        args: Option<&[NodeId]>,
        last: Option<Slot>,
    ) -> Outcome<Vec<Slot>> {
        let args = operands(args);
        self.check_count(signature, name, args.len(), last.is_some())?;
        let params = signature.params;
        let param = |index: usize| params[index.min(params.len().saturating_sub(1))];
        let mut slots = Vec::with_capacity(args.len() + 1);
        for (index, &arg) in args.iter().enumerate() {
            slots.push(self.eval_arg(dot, Some(param(index)), arg)?);
        }
        if let Some(last) = last {
            let ty = param(slots.len());
            slots.push(self.validate(last, Some(ty))?);
        }
        Ok(slots)
    }

    /// Makes sure a value can be passed as the type; no type takes anything.
    fn validate(&mut self, slot: Slot, ty: Option<Type>) -> Outcome<Slot> {
        let Some(ty) = ty else { return Ok(slot) };
        match slot {
            Slot::Invalid if ty == Type::Reflect => Ok(Slot::Invalid),
            Slot::Invalid if ty.can_be_nil() => Ok(Slot::typed(ty.zero(), ty)),
            Slot::Invalid => self.error(format!("invalid value; expected {ty}")),
            slot if ty == Type::Reflect => Ok(slot),
            slot if ty == Type::Any => Ok(slot.boxed()),
            slot => match slot.value().ty() {
                Some(found) if found.assignable_to(ty) => Ok(Slot::Of(slot.into_value())),
                found => {
                    let found = found.unwrap_or(Type::Any);
                    self.error(format!("wrong type for value; expected {ty}; got {found}"))
                }
            },
        }
    }

    pub(super) fn eval_arg(&mut self, dot: &Slot, ty: Option<Type>, id: NodeId) -> Outcome<Slot> {
        self.at(id);
        let node = self.tree.node(id);
        match node {
            Node::Dot => return self.validate(dot.clone(), ty),
            Node::Nil => {
                let Some(ty) = ty else { return self.error("cannot assign nil to <nil>") };
                if ty == Type::Reflect {
                    return Ok(Slot::Invalid);
                }
                if ty.can_be_nil() {
                    return Ok(Slot::typed(ty.zero(), ty));
                }
                return self.error(format!("cannot assign nil to {ty}"));
            }
            Node::Field(fields) => {
                let fields = self.tree.fields(*fields);
                let slot = self.eval_chain(dot, dot.clone(), id, fields, Some(&[id]), None)?;
                return self.validate(slot, ty);
            }
            Node::Variable { .. } => {
                let slot = self.eval_variable(dot, id, None, None)?;
                return self.validate(slot, ty);
            }
            Node::Pipe { .. } => {
                let slot = self.eval_pipeline(dot, id)?;
                return self.validate(slot, ty);
            }
            Node::Identifier(_) => {
                let slot = self.eval_function(dot, id, id, None, None)?;
                return self.validate(slot, ty);
            }
            Node::Chain { .. } => {
                let slot = self.eval_chain_node(dot, id, None, None)?;
                return self.validate(slot, ty);
            }
            _ => {}
        }
        self.literal_arg(id, ty.unwrap_or(Type::Any))
    }

    /// A literal as an argument: converted to the type of the parameter, as constants are in Go.
    fn literal_arg(&mut self, id: NodeId, ty: Type) -> Outcome<Slot> {
        let node = self.tree.node(id);
        let value = match (ty.underlying(), node) {
            (Type::Any | Type::Reflect, Node::Number(number)) => {
                return self.ideal_constant(id, number);
            }
            (Type::Bool | Type::Any | Type::Reflect, Node::Bool(value)) => {
                Some(Value::Bool(*value))
            }
            (Type::String | Type::Any | Type::Reflect, Node::Str { text, .. }) => {
                Some(Value::Str(text.clone()))
            }
            (Type::Int(kind), Node::Number(number)) => number.int.map(|int| Value::Int(kind, int)),
            (Type::Uint(kind), Node::Number(number)) => {
                number.uint.map(|uint| Value::Uint(kind, uint))
            }
            (Type::Float64, Node::Number(number)) => number.float.map(Value::Float),
            (Type::Complex128, Node::Number(number)) => {
                number.complex.map(|(re, im)| Value::Complex(re, im))
            }
            _ => None,
        };
        if let Some(value) = value {
            return Ok(Slot::Of(value));
        }
        let shown = self.tree.show(id);
        let wanted = match ty.underlying() {
            Type::Bool => "bool",
            Type::String => "string",
            Type::Int(_) => "integer",
            Type::Uint(_) => "unsigned integer",
            Type::Float64 => "float",
            Type::Complex128 => "complex",
            _ => return self.error(format!("can't handle {shown} for arg of type {ty}")),
        };
        self.error(format!("expected {wanted}; found {shown}"))
    }
}

/// The arguments after the name of the function or field.
fn operands(args: Option<&[NodeId]>) -> &[NodeId] {
    args.and_then(|args| args.get(1..)).unwrap_or_default()
}

/// What `reflect.Value.String` returns: the text of strings, the type of everything else.
fn reflect_string(slot: &Slot) -> String {
    match (slot, slot.value()) {
        (Slot::Of(_), Value::Str(text)) => text.to_text().into_owned(),
        (_, Value::Nil) => "<invalid Value>".to_owned(),
        (_, value) => format!("<{} Value>", value.type_name()),
    }
}

/// Converts an argument of `call`: integers fit any integer type, nil becomes a zero value.
fn prepare_arg(slot: Slot, ty: Type) -> Result<Value, FuncError> {
    let Some(found) = slot.ty() else {
        if !ty.can_be_nil() {
            return Err(FuncError::new(format!("value is nil; should be of type {ty}")));
        }
        return Ok(ty.zero());
    };
    if found.assignable_to(ty) || ty == Type::Reflect {
        return Ok(slot.into_value());
    }
    match (slot.value(), ty) {
        (Value::Int(_, value), Type::Int(kind)) => Ok(Value::Int(kind, *value)),
        (Value::Int(_, value), Type::Uint(kind)) => Ok(Value::Uint(kind, value.cast_unsigned())),
        (Value::Uint(_, value), Type::Uint(kind)) => Ok(Value::Uint(kind, *value)),
        (Value::Uint(_, value), Type::Int(kind)) => Ok(Value::Int(kind, value.cast_signed())),
        _ => Err(FuncError::new(format!("value has type {found}; should be {ty}"))),
    }
}
