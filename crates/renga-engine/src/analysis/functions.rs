//! Functions and calls.

use renga_syntax::{List, Node, NodeId};

use super::code::{CallIr, Context, FunctionIr, Ir, NO_NODE, ParamIr};
use super::lower::{ANONYMOUS, Lower, Lowered, NONE, number};

impl Lower {
    pub(super) fn function(
        &mut self,
        params: List,
        body: NodeId,
        context: u32,
        bind: u32,
    ) -> Lowered<u32> {
        let inner = if context == NONE { NONE } else { self.context(Context::Function(bind)) };
        let mark = self.scopes.mark();
        let frame = self.scopes.open(0);
        let own = self.own.take();
        for at in params.range() {
            let param = self.tree.parameters[at];
            self.scopes.declare(param.name, frame);
        }
        let mut lowered = Vec::with_capacity(params.len as usize);
        for at in params.range() {
            let param = self.tree.parameters[at];
            let default = match param.default {
                Some(default) => self.delayed(default, inner, ANONYMOUS)?,
                None => NO_NODE,
            };
            lowered.push(ParamIr { name: param.name.0, default });
        }
        self.own = Some(frame);
        let body = self.expression(body, inner, ANONYMOUS)?;
        self.own = own;
        let size = self.scopes.close();
        self.scopes.release(mark);
        let start = number(self.code.params.len());
        self.code.params.extend(lowered);
        self.code.functions.push(FunctionIr {
            params: start,
            param_count: params.len,
            body,
            frame: size,
        });
        Ok(number(self.code.functions.len() - 1))
    }

    pub(super) fn call(
        &mut self,
        target: NodeId,
        args: List,
        tailstrict: bool,
        context: u32,
    ) -> Lowered<Ir> {
        let library = match self.tree.node(target) {
            Node::Field { target, name } => self.library_function(target, name),
            _ => None,
        };
        let target = match library {
            Some(_) => NO_NODE,
            None => self.expression(target, context, ANONYMOUS)?,
        };
        let thunk = self.thunk_context(context);
        let mut ids = Vec::with_capacity(args.len as usize);
        let mut named = Vec::new();
        for at in args.range() {
            let argument = self.tree.arguments[at];
            ids.push(self.delayed(argument.value, thunk, ANONYMOUS)?);
            if let Some(name) = argument.name {
                named.push(name.0);
            }
        }
        let list = self.list(&ids);
        let names = self.list(&named);
        self.code.calls.push(CallIr {
            args: list,
            positional: number(ids.len() - named.len()),
            names,
            named: number(named.len()),
            tailstrict,
        });
        let call = number(self.code.calls.len() - 1);
        Ok(match library {
            Some(function) => Ir::CallStd { function, call },
            None => Ir::Call { target, call },
        })
    }
}
