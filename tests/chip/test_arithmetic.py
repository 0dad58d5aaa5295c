"""The arithmetic of the chip's ROM, tools/chip/port/arithmetic.c, against the PC's own.

Python's integers and fractions are exact, so that every expected bit is computed, not remembered.
The functions that libgcc brings and MicroPython uses are held to the same: they call ours, and the
ones and the others have to agree on the ABI.
"""

from __future__ import annotations

import itertools
import random
import struct
import subprocess
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from pathlib import Path

import pytest

from tools.chip import packages

ARITHMETIC = Path(__file__).resolve().parents[2] / "tools/chip/port/arithmetic.c"
HARNESS = Path(__file__).with_name("arithmetic_harness.c")
BITS_32 = (1 << 32) - 1
BITS_64 = (1 << 64) - 1
SIGN = 1 << 31
INFINITY = 0x7F800000
NAN = 0x7FC00000
RANDOM_PAIRS = 3000

Pair = tuple[int, int]


def signed(value: int, bits: int) -> int:
    return value - (1 << bits) if value >> (bits - 1) else value


# Operands: edges, every pair of them, and pseudo-random bit patterns


def _around(*powers: int, bits: int) -> list[int]:
    """0, and each power of two with its neighbours, positive and negative."""
    near = {sign * (2**p + d) for p in powers for d in (-1, 0, 1) for sign in (1, -1)}
    return sorted({value & ((1 << bits) - 1) for value in near | {0, 3, 7, 10, 1000}})


INTEGERS_32 = _around(0, 1, 8, 15, 16, 23, 24, 25, 30, 31, bits=32)
INTEGERS_64 = _around(0, 8, 16, 31, 32, 33, 48, 62, 63, bits=64)
_FRACTIONS = (0, 1, 2, 0x3FFFFF, 0x400000, 0x555555, 0x7FFFFE, 0x7FFFFF)
_EXPONENTS = (0, 1, 2, 24, 103, 126, 127, 128, 150, 158, 159, 253, 254, 255)
FLOATS = [
    sign | exponent << 23 | fraction
    for sign in (0, SIGN)
    for exponent in _EXPONENTS
    for fraction in (_FRACTIONS if exponent in (0, 1, 127, 254, 255) else (0, 1, 0x7FFFFF))
]


def _random_integer(source: random.Random, bits: int) -> int:
    """Of any length, so that small and large ones meet."""
    return signed(source.getrandbits(source.randint(1, bits)), bits) & ((1 << bits) - 1)


def integers(bits: int) -> list[Pair]:
    edges = INTEGERS_32 if bits == 32 else INTEGERS_64
    source = random.Random(bits)
    pairs = ((_random_integer(source, bits), _random_integer(source, bits)) for _ in range(1 << 30))
    return [*itertools.product(edges, edges), *itertools.islice(pairs, RANDOM_PAIRS)]


def divisions(bits: int) -> list[Pair]:
    return [(a, b) for a, b in integers(bits) if b]


def floats() -> list[Pair]:
    """Half of the random pairs lie close together: sums cancel, quotients are near 1."""
    source = random.Random(754)
    far = [(source.getrandbits(32), source.getrandbits(32)) for _ in range(RANDOM_PAIRS)]
    near = [(a, (a ^ b & SIGN) + source.randint(-(1 << 25), 1 << 25) & BITS_32) for a, b in far]
    return [*itertools.product(FLOATS, FLOATS), *far, *near]


def singly(values: Iterable[int], bits: int) -> list[Pair]:
    source = random.Random(len(str(bits)))
    return [(value, 0) for value in (*values, *(source.getrandbits(bits) for _ in range(5000)))]


def doubles() -> list[Pair]:
    """Those that lie at and near the middle between two floats, and any."""
    source = random.Random(64)
    exponents = (0, 1, 872, 873, 874, 896, 897, 1022, 1023, 1150, 1151, 2046, 2047)
    lasts = (0, 1, 1 << 28, (1 << 28) - 1, (1 << 28) + 1, 1 << 29, 3 << 28, (1 << 29) - 1)
    tops = (0, 1, 0x400000, 0x7FFFFF)
    edges = [
        sign << 63 | exponent << 52 | (top << 29) + last
        for sign, exponent, top, last in itertools.product((0, 1), exponents, tops, lasts)
    ]
    spread = [source.randint(860, 1160) << 52 | source.getrandbits(52) for _ in range(3000)]
    return singly([*edges, *spread], 64)


# The PC's side


def exact(bits: int) -> Fraction:
    """The value of a finite float."""
    exponent, fraction = bits >> 23 & 0xFF, bits & 0x7FFFFF
    significand = fraction | (1 << 23 if exponent else 0)
    return Fraction(-significand if bits & SIGN else significand) * Fraction(2) ** (
        max(exponent, 1) - 150
    )


def rounded(value: Fraction, negative_zero: bool = False) -> int:
    """The float nearest to `value`, of two the even one. A result of zero takes `value`'s sign."""
    if value == 0:
        return SIGN if negative_zero else 0
    magnitude = abs(value)
    exponent = magnitude.numerator.bit_length() - magnitude.denominator.bit_length()
    exponent = max(exponent - (Fraction(2) ** exponent > magnitude), -126)
    units = round(magnitude / Fraction(2) ** (exponent - 23))  # round() is half to even
    bits = (exponent + 126 << 23) + units  # a leading one, where there is one, adds itself
    return min(bits, INFINITY) | (SIGN if value < 0 else 0)


def is_nan(bits: int) -> bool:
    return bits & ~SIGN > INFINITY


def is_infinite(bits: int) -> bool:
    return bits & ~SIGN == INFINITY


def add(a: int, b: int) -> int:
    if is_nan(a) or is_nan(b) or (is_infinite(a) and is_infinite(b) and a != b):
        return NAN
    if is_infinite(a) or is_infinite(b):
        return a if is_infinite(a) else b
    return rounded(exact(a) + exact(b), negative_zero=a == b == SIGN)


def subtract(a: int, b: int) -> int:
    return add(a, b ^ SIGN)


def multiply(a: int, b: int) -> int:
    sign = (a ^ b) & SIGN
    if is_infinite(a) or is_infinite(b) or is_nan(a) or is_nan(b):
        undefined = is_nan(a) or is_nan(b) or not a & ~SIGN or not b & ~SIGN
        return NAN if undefined else sign | INFINITY
    return rounded(exact(a) * exact(b), negative_zero=bool(sign))


def divide(a: int, b: int) -> int:
    sign = (a ^ b) & SIGN
    alike = (is_infinite(a) and is_infinite(b)) or not (a | b) & ~SIGN
    if is_nan(a) or is_nan(b) or alike:
        return NAN
    if is_infinite(a) or not b & ~SIGN:
        return sign | INFINITY
    if is_infinite(b):
        return sign
    return rounded(exact(a) / exact(b), negative_zero=bool(sign))


def as_float(bits: int) -> float:
    return struct.unpack("<f", struct.pack("<I", bits))[0]


def truncated(bits: int) -> int | None:
    """The integer part; None of what is no number."""
    return None if is_nan(bits) or is_infinite(bits) else int(exact(bits))


def to_signed(bits: int) -> int | None:
    whole = truncated(bits)
    return whole & BITS_32 if whole is not None and -(2**31) <= whole < 2**31 else None


def to_unsigned(bits: int) -> int:
    """Defined by C from above -1 to below 2**32; the rest as libgcc has it for Xtensa."""
    if is_nan(bits):
        return BITS_32
    whole = truncated(bits)
    if whole is None or not -(2**31) < whole < 2**32:
        return SIGN if bits & SIGN else BITS_32
    return whole & BITS_32


def extend(bits: int) -> int:
    return struct.unpack("<Q", struct.pack("<d", as_float(bits)))[0]


def truncate(bits: int) -> int:
    value = struct.unpack("<d", struct.pack("<Q", bits))[0]
    sign = bits >> 32 & SIGN
    if value != value:
        return NAN
    if value in (float("inf"), float("-inf")):
        return sign | INFINITY
    return rounded(Fraction(value), negative_zero=bool(sign))


def quotient(a: int, b: int) -> int:
    """Towards zero, as C has it."""
    return abs(a) // abs(b) * (-1 if (a < 0) != (b < 0) else 1)


def on_signed(function: Callable[[int, int], int], bits: int) -> Callable[[int, int], int]:
    return lambda a, b: function(signed(a, bits), signed(b, bits)) & ((1 << bits) - 1)


def first(function: Callable[[int], int | None]) -> Callable[[int, int], int | None]:
    return lambda a, _: function(a)


# Bringing them together


@pytest.fixture(scope="module")
def harness(compile_guest: Callable[..., Path]) -> Path:
    return compile_guest(ARITHMETIC, HARNESS, name="arithmetic")


Apply = Callable[[str, Sequence[Pair]], list[int]]


@pytest.fixture
def apply(kit: packages.Kit, environment: dict[str, str], harness: Path) -> Apply:
    """A function's results for pairs of operands, all as bit patterns."""

    def apply(name: str, pairs: Sequence[Pair]) -> list[int]:
        operands = b"".join(struct.pack("<QQ", a, b) for a, b in pairs)
        command = [kit.qemu, "-cpu", "lx106", harness, name]
        run = subprocess.run(
            command, input=operands, capture_output=True, env=environment, check=True
        )
        return list(struct.unpack(f"<{len(pairs)}Q", run.stdout))

    return apply


def check(
    results: Sequence[int],
    pairs: Sequence[Pair],
    expected: Callable[[int, int], int | None],
    same: Callable[[int, int], bool] = int.__eq__,
) -> None:
    """Names the first few that differ. What has no defined result is None, and not compared."""
    wrong = []
    for result, (a, b) in zip(results, pairs, strict=True):
        right = expected(a, b)
        if right is not None and not same(result, right):
            wrong.append(f"{a:#x}, {b:#x}: {result:#x}, not {right:#x}")
    assert not wrong, f"{len(wrong)} of {len(pairs)}; " + "; ".join(wrong[:5])


def same_float(a: int, b: int) -> bool:
    """Any quiet NaN is as good as another."""
    return a == b or (is_nan(a) and is_nan(b) and bool(a & 0x400000))


def same_double(a: int, b: int) -> bool:
    nan = 0x7FF8 << 48
    return a == b or (a & nan == nan and b & nan == nan)


@pytest.mark.parametrize("bits, kind", [(32, "s"), (64, "d")])
def test_unsigned_quotient_and_remainder(apply: Apply, bits: int, kind: str):
    pairs = divisions(bits)
    check(apply(f"__udiv{kind}i3", pairs), pairs, lambda a, b: a // b)
    check(apply(f"__umod{kind}i3", pairs), pairs, lambda a, b: a % b)


@pytest.mark.parametrize("bits, kind", [(32, "s"), (64, "d")])
def test_signed_quotient_and_remainder(apply: Apply, bits: int, kind: str):
    pairs = divisions(bits)
    check(apply(f"__div{kind}i3", pairs), pairs, on_signed(quotient, bits))
    remainder = on_signed(lambda a, b: a - quotient(a, b) * b, bits)
    check(apply(f"__mod{kind}i3", pairs), pairs, remainder)


def test_a_division_by_zero_is_an_illegal_instruction(
    kit: packages.Kit, environment: dict[str, str], harness: Path
):
    run = subprocess.run(
        [kit.qemu, "-cpu", "lx106", harness, "__udivsi3"],
        input=struct.pack("<QQ", 1, 0),
        capture_output=True,
        env=environment,
    )
    assert b"Illegal instruction" in run.stderr
    assert not run.stdout


def test_products_to_64_bits(apply: Apply):
    words = integers(32)
    check(apply("__umulsidi3", words), words, lambda a, b: a * b)
    pairs = integers(64)
    check(apply("__muldi3", pairs), pairs, lambda a, b: a * b & BITS_64)


@pytest.mark.parametrize(
    "name, expected",
    [("__addsf3", add), ("__subsf3", subtract), ("__mulsf3", multiply), ("__divsf3", divide)],
)
def test_floats_are_rounded_to_the_nearest(
    apply: Apply, name: str, expected: Callable[[int, int], int]
):
    pairs = floats()
    check(apply(name, pairs), pairs, expected, same_float)


@pytest.mark.parametrize(
    "name, holds",
    [
        ("__eqsf2", lambda result, a, b: (result == 0) == (a == b)),
        ("__nesf2", lambda result, a, b: (result != 0) == (a != b)),
        ("__ltsf2", lambda result, a, b: (result < 0) == (a < b)),
        ("__lesf2", lambda result, a, b: (result <= 0) == (a <= b)),
        ("__gtsf2", lambda result, a, b: (result > 0) == (a > b)),
        ("__gesf2", lambda result, a, b: (result >= 0) == (a >= b)),
        ("__unordsf2", lambda result, a, b: (result != 0) == (a != a or b != b)),
    ],
)
def test_comparisons(apply: Apply, name: str, holds: Callable[[int, float, float], bool]):
    pairs = floats()
    wrong = [
        (hex(a), hex(b), result)
        for result, (a, b) in zip(apply(name, pairs), pairs, strict=True)
        if not holds(signed(result, 32), as_float(a), as_float(b))
    ]
    assert not wrong


def test_integers_become_the_nearest_float(apply: Apply):
    values = singly(INTEGERS_32, 32)
    check(apply("__floatunsisf", values), values, lambda a, _: rounded(Fraction(a)))
    check(apply("__floatsisf", values), values, lambda a, _: rounded(Fraction(signed(a, 32))))


def test_floats_become_integers_towards_zero(apply: Apply):
    values = [(a, 0) for a, _ in floats()]
    check(apply("__fixsfsi", values), values, first(to_signed))
    check(apply("__fixunssfsi", values), values, first(to_unsigned))


def test_conversions_to_doubles_are_exact(apply: Apply):
    values = singly(FLOATS, 32)
    check(apply("__extendsfdf2", values), values, first(extend), same_double)
    words = singly(INTEGERS_32, 32)
    double = struct.Struct("<d")
    check(
        apply("__floatsidf", words),
        words,
        lambda a, _: int.from_bytes(double.pack(signed(a, 32)), "little"),
    )


def test_doubles_become_the_nearest_float(apply: Apply):
    values = doubles()
    check(apply("__truncdfsf2", values), values, first(truncate), same_float)
