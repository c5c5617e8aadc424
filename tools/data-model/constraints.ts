import { type Constraint, FieldValue, Metatype, type ValueModel } from "matter-model-1.4";

/** Types that hold degrees Celsius: how many units make one degree. */
const UNITS_PER_DEGREE: Readonly<Record<string, number>> = {
  temperature: 100,
  TemperatureDifference: 100,
  SignedTemperature: 10,
  UnsignedTemperature: 10,
};

/** A bound that is a plain number; undefined for one that depends on another attribute. */
function numberOf(bound: unknown, model: ValueModel): number | undefined {
  if (typeof bound === "number") return bound;
  if (typeof bound === "bigint") return Number(bound);
  if (typeof bound !== "object" || bound === null) return undefined;
  const { type, value } = bound as { type?: string; value?: unknown };
  if (typeof value !== "number") return undefined;
  const typeName = model.effectiveType ?? "";
  if (type === FieldValue.celsius) {
    const units = UNITS_PER_DEGREE[typeName];
    return units === undefined ? undefined : Math.round(value * units);
  }
  if (type === FieldValue.percent) return typeName === "percent100ths" ? value * 100 : value;
  return undefined;
}

interface Range {
  min?: number;
  max?: number;
}

function rangeOf(constraint: Constraint, model: ValueModel): Range {
  if (constraint.parts) {
    const ranges = constraint.parts.map((part) => rangeOf(part, model));
    // Alternatives: only what holds for all of them together can be said as one range.
    const min = ranges.every((range) => range.min !== undefined)
      ? Math.min(...ranges.map((range) => range.min!))
      : undefined;
    const max = ranges.every((range) => range.max !== undefined)
      ? Math.max(...ranges.map((range) => range.max!))
      : undefined;
    return { min, max };
  }
  if (constraint.value !== undefined) {
    const exact = numberOf(constraint.value, model);
    return { min: exact, max: exact };
  }
  return { min: numberOf(constraint.min, model), max: numberOf(constraint.max, model) };
}

const given = (keyword: string, value: number | undefined): Record<string, number> =>
  value === undefined ? {} : { [keyword]: value };

/** What a model's own constraint says, as far as it does not depend on the value of another attribute. */
export function constraintKeywords(model: ValueModel): Record<string, unknown> {
  const constraint = model.effectiveConstraint;
  const { min, max } = rangeOf(constraint, model);
  switch (model.effectiveMetatype) {
    case Metatype.integer:
    case Metatype.float:
      return { ...given("minimum", min), ...given("maximum", max) };
    case Metatype.string:
      return { ...given("minLength", min), ...given("maxLength", max) };
    // Two hexadecimal digits an octet.
    case Metatype.bytes:
      return {
        ...given("minLength", min === undefined ? undefined : min * 2),
        ...given("maxLength", max === undefined ? undefined : max * 2),
      };
    case Metatype.array:
      return { ...given("minItems", min), ...given("maxItems", max) };
    default:
      return {};
  }
}
