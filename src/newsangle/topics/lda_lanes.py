"""How do sixteen topics move at once with the same bytes on every processor? Explicit vector lanes for numba.

LLVM may not vectorise a float sum by itself: that changes the order of the additions, and `fastmath` lets it, with a
result that depends on the width of the processor's registers. Here the order is written down: topic k goes to lane
k mod 16, the lanes are added in one fixed tree, and every multiply-add is a fused one (`llvm.fma`, rounded once). A
processor with narrower registers does the same additions in more instructions. Rows are padded with zeros to a
multiple of `LANES`.
"""

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

LANES = 16

_I32, _I64, _FLOAT = ir.IntType(32), ir.IntType(64), ir.FloatType()
_VECTOR = ir.VectorType(_FLOAT, LANES)
_ZERO = ir.Constant(_VECTOR, [0.0] * LANES)
_ONE = ir.Constant(_VECTOR, [1.0] * LANES)
_FLOOR = 1e-3  # what self-exclusion leaves at least of a cell: rounding must not turn a share negative


def _fma(builder: Any, a: Any, b: Any, c: Any) -> Any:
    kind = ir.FunctionType(_VECTOR, [_VECTOR] * 3)
    name = f"llvm.fma.v{LANES}f32"
    function = builder.module.globals.get(name) or ir.Function(builder.module, kind, name)
    return builder.call(function, [a, b, c])


def _at(builder: Any, pointer: Any, lane: Any) -> Any:
    return builder.bitcast(builder.gep(pointer, [lane]), _VECTOR.as_pointer())


def _load(builder: Any, pointer: Any, lane: Any) -> Any:
    loaded = builder.load(_at(builder, pointer, lane))
    loaded.align = 4  # rows begin anywhere
    return loaded


def _store(builder: Any, value: Any, pointer: Any, lane: Any) -> None:
    builder.store(value, _at(builder, pointer, lane)).align = 4


def _pick(builder: Any, vector: Any, lanes: list[int]) -> Any:
    return builder.shuffle_vector(
        vector, ir.Constant(vector.type, ir.Undefined), ir.Constant(ir.VectorType(_I32, len(lanes)), lanes)
    )


def _splat(builder: Any, scalar: Any) -> Any:
    first = builder.insert_element(ir.Constant(_VECTOR, ir.Undefined), scalar, ir.Constant(_I32, 0))
    return _pick(builder, first, [0] * LANES)


def _sum(builder: Any, vector: Any) -> Any:
    """The fixed tree: lane i + lane i + 8, then + 4, + 2, + 1."""
    width = LANES
    while width > 1:
        width //= 2
        low, high = _pick(builder, vector, list(range(width))), _pick(builder, vector, list(range(width, 2 * width)))
        vector = builder.fadd(low, high)
    return builder.extract_element(vector, ir.Constant(_I32, 0))


def _blocks(builder: Any, n: Any, total: Any, body: Callable[[Any, Any], Any]) -> Any:
    """for lane in range(0, n, 16): total = body(lane, total). n ≥ 16; total may be None."""
    before = builder.block
    loop, after = builder.append_basic_block("block"), builder.append_basic_block("after")
    builder.branch(loop)
    builder.position_at_end(loop)
    lane = builder.phi(_I64)
    lane.add_incoming(ir.Constant(_I64, 0), before)
    carried = None
    if total is not None:
        carried = builder.phi(_VECTOR)
        carried.add_incoming(total, before)
    result = body(lane, carried)
    following = builder.add(lane, ir.Constant(_I64, LANES))
    lane.add_incoming(following, builder.block)
    if carried is not None:
        carried.add_incoming(result, builder.block)
    builder.cbranch(builder.icmp_signed("<", following, n), loop, after)
    builder.position_at_end(after)
    return result


def _pointer(context: Any, builder: Any, kind: Any, array: Any, offset: Any) -> Any:
    return builder.gep(context.make_array(kind)(context, builder, array).data, [offset])


@intrinsic  # type: ignore[untyped-decorator]  # numba is untyped
def dot(_typing: Any, x: Any, at_x: Any, y: Any, at_y: Any, n: Any) -> Any:
    """Σ_k x[at_x + k] y[at_y + k] over n floats, n a multiple of `LANES`."""
    signature = types.float32(x, types.int64, y, types.int64, types.int64)

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        x, at_x, y, at_y, n = args
        px = _pointer(context, builder, signature.args[0], x, at_x)
        py = _pointer(context, builder, signature.args[2], y, at_y)
        total = _blocks(builder, n, _ZERO, lambda k, t: _fma(builder, _load(builder, px, k), _load(builder, py, k), t))
        return _sum(builder, total)

    return signature, generate


@intrinsic  # type: ignore[untyped-decorator]  # numba is untyped
def add_scaled(_typing: Any, factor: Any, x: Any, at_x: Any, y: Any, n: Any) -> Any:
    """y[k] += factor · x[at_x + k] for n floats, n a multiple of `LANES`."""
    signature = types.void(types.float32, x, types.int64, y, types.int64)

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        factor, x, at_x, y, n = args
        px = _pointer(context, builder, signature.args[1], x, at_x)
        py = _pointer(context, builder, signature.args[3], y, ir.Constant(_I64, 0))
        scale = _splat(builder, factor)

        def body(k: Any, _: Any) -> None:
            _store(builder, _fma(builder, scale, _load(builder, px, k), _load(builder, py, k)), py, k)

        _blocks(builder, n, None, body)
        return context.get_dummy_value()

    return signature, generate


@intrinsic  # type: ignore[untyped-decorator]  # numba is untyped
def exclude(_typing: Any, row: Any, row_own: Any, other: Any, at: Any, other_own: Any, z: Any, out: Any, n: Any) -> Any:
    """out_k = p_k · max(ε, 1 − (row_own_k + other_own_k other_k) / z), p_k = row_k other_k; gives Σ out.

    p / z is the token's share of topic k, which is taken out of the row's and the column's count: of the two factors
    1 − row_own_k / z and 1 − other_own_k other_k / z the product of what they take is left out.
    """
    signature = types.float32(row, row_own, other, types.int64, other_own, types.float32, out, types.int64)

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        zero, kinds = ir.Constant(_I64, 0), signature.args
        at, z, n = args[3], args[5], args[7]
        pr, pro = (_pointer(context, builder, kinds[i], args[i], zero) for i in (0, 1))
        po = _pointer(context, builder, kinds[2], args[2], at)
        poo, pout = (_pointer(context, builder, kinds[i], args[i], zero) for i in (4, 6))
        q = _splat(builder, builder.fdiv(ir.Constant(_FLOAT, -1.0), z))
        floor = ir.Constant(_VECTOR, [_FLOOR] * LANES)

        def body(k: Any, total: Any) -> Any:
            o = _load(builder, po, k)
            p = builder.fmul(_load(builder, pr, k), o)
            own = _fma(builder, _load(builder, poo, k), o, _load(builder, pro, k))
            rest = _fma(builder, q, own, _ONE)
            p = builder.fmul(p, builder.select(builder.fcmp_ordered(">", rest, floor), rest, floor))
            _store(builder, p, pout, k)
            return builder.fadd(total, p)

        return _sum(builder, _blocks(builder, n, _ZERO, body))

    return signature, generate


@intrinsic  # type: ignore[untyped-decorator]  # numba is untyped
def draw(_typing: Any, row: Any, other: Any, at: Any, u: Any, sums: Any, n: Any) -> Any:
    """One topic, drawn with weights row_k · other[at + k]; u in [0, 1). sums: scratch of n floats.

    Lane l holds topics l, l + 16, …; the lane is drawn first, then the topic in it, both from the one u.
    """
    signature = types.int64(row, other, types.int64, types.float32, sums, types.int64)

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        row, other, at, u, sums, n = args
        zero = ir.Constant(_I64, 0)
        kinds = signature.args
        pr, po = _pointer(context, builder, kinds[0], row, zero), _pointer(context, builder, kinds[1], other, at)
        ps = _pointer(context, builder, kinds[4], sums, zero)

        def body(k: Any, total: Any) -> Any:
            total = _fma(builder, _load(builder, pr, k), _load(builder, po, k), total)
            _store(builder, total, ps, k)
            return total

        prefix = _blocks(builder, n, _ZERO, body)
        shift = 1
        while shift < LANES:  # running sum over the lanes in log steps
            lanes = [LANES] * shift + list(range(LANES - shift))
            mask = ir.Constant(ir.VectorType(_I32, LANES), lanes)
            prefix = builder.fadd(prefix, builder.shuffle_vector(prefix, _ZERO, mask))
            shift *= 2
        total = builder.extract_element(prefix, ir.Constant(_I32, LANES - 1))
        goal = builder.fmul(u, total)
        mask = builder.fcmp_ordered("<=", prefix, _splat(builder, goal))
        bits = builder.zext(builder.bitcast(mask, ir.IntType(LANES)), _I32)
        kind = ir.FunctionType(_I32, [_I32])
        count = builder.module.globals.get("llvm.ctpop.i32") or ir.Function(builder.module, kind, "llvm.ctpop.i32")
        lane = builder.call(count, [bits])
        last = ir.Constant(_I32, LANES - 1)
        lane = builder.select(builder.icmp_unsigned(">", lane, last), last, lane)
        before = builder.shuffle_vector(
            _ZERO, prefix, ir.Constant(ir.VectorType(_I32, LANES), [0, *range(LANES, 2 * LANES - 1)])
        )
        rest = builder.fsub(goal, builder.extract_element(before, lane))
        lane64 = builder.zext(lane, _I64)
        start = builder.block
        loop, after = builder.append_basic_block("search"), builder.append_basic_block("found")
        builder.branch(loop)
        builder.position_at_end(loop)
        k = builder.phi(_I64)
        k.add_incoming(lane64, start)
        found = builder.phi(_I64)
        found.add_incoming(lane64, start)
        below = builder.fcmp_ordered("<=", builder.load(builder.gep(ps, [k])), rest)
        step = builder.select(below, ir.Constant(_I64, LANES), zero)
        next_found = builder.add(found, step)
        next_k = builder.add(k, ir.Constant(_I64, LANES))
        k.add_incoming(next_k, loop)
        found.add_incoming(next_found, loop)
        builder.cbranch(builder.icmp_signed("<", next_k, n), loop, after)
        builder.position_at_end(after)
        return next_found

    return signature, generate
