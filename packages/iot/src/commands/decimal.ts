/** A number exactly as it is written: `coefficient` × 10^`exponent`. */
export interface Decimal {
  coefficient: bigint;
  exponent: number;
}

const DECIMAL = /^([+-]?)(\d{1,64})(?:\.(\d{1,64}))?(?:[eE]([+-]?\d{1,4}))?$/;
/** Beyond what a double can be: larger exponents are no number that a parameter could be compared with. */
const EXPONENT = 400;

/** Undefined for what is not a number of at most 64 digits on each side of the point. */
export function parseDecimal(text: string): Decimal | undefined {
  const [match, sign, whole = "", fraction = "", exponent = "0"] = DECIMAL.exec(text) ?? [];
  if (match === undefined || Math.abs(Number(exponent)) > EXPONENT) return undefined;
  const size = BigInt(whole + fraction);
  return { coefficient: sign === "-" ? -size : size, exponent: Number(exponent) - fraction.length };
}

/** Below, at or above zero, as `a` is to `b`; exact. */
export function compareDecimals(a: Decimal, b: Decimal): number {
  const exponent = Math.min(a.exponent, b.exponent);
  const scaled = (of: Decimal): bigint => of.coefficient * 10n ** BigInt(of.exponent - exponent);
  const [left, right] = [scaled(a), scaled(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}
