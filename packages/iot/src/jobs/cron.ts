import { ServiceError } from "@hearth/contract";

/**
 * Schedule expressions `cron(minute hour day-of-month month day-of-week year)` in UTC, in AWS's dialect (reference 4.5):
 * days of the week are 1 to 7 from Sunday; `?` stands in one of the two day fields; `L`, `W` and `#` as there.
 */
export interface Cron {
  /** The first occurrence after `after`, both in milliseconds since the epoch; undefined when there is none in three years. */
  next(after: number): number | undefined;
}

const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const DAY = 86_400_000;
const SEARCHED_DAYS = 3 * 366;
const FIRST_YEAR = 1970;
const LAST_YEAR = 2199;

/** Whether a day is one of those meant; the month is 0 to 11. */
type DayRule = (year: number, month: number, day: number) => boolean;

/** Throws InvalidRequestException that says what is wrong with `expression`. */
export function parseCron(expression: string): Cron {
  const inner = /^cron\(([^()]{1,200})\)$/.exec(expression.trim())?.[1];
  const fields = inner?.trim().split(/\s+/);
  const refuse = (why: string): never => {
    throw new ServiceError("InvalidRequestException", `Not a schedule, "${expression.slice(0, 100)}": ${why}`);
  };
  if (fields?.length !== 6) return refuse("it takes cron(minute hour day-of-month month day-of-week year)");
  const [minute, hour, dayOfMonth, month, dayOfWeek, year] = fields as [string, string, string, string, string, string];
  if ((dayOfMonth === "?") === (dayOfWeek === "?")) return refuse("one of day-of-month and day-of-week has to be ?");
  const set = (text: string, name: string, first: number, last: number, names: readonly string[] = []) =>
    numbers(text, first, last, names) ?? refuse(`${name} ${text}`);

  const minutes = set(minute, "minute", 0, 59);
  const hours = set(hour, "hour", 0, 23);
  const months = set(month, "month", 1, 12, MONTHS);
  const years = new Set(set(year, "year", FIRST_YEAR, LAST_YEAR));
  const isDay =
    (dayOfWeek === "?" ? dayOfMonthRule(dayOfMonth) : dayOfWeekRule(dayOfWeek)) ??
    refuse(dayOfWeek === "?" ? `day-of-month ${dayOfMonth}` : `day-of-week ${dayOfWeek}`);
  const inMonths = new Set(months.map((number) => number - 1));

  return {
    next(after) {
      const from = new Date(after);
      const midnight = Date.UTC(from.getUTCFullYear(), from.getUTCMonth(), from.getUTCDate());
      for (let offset = 0; offset <= SEARCHED_DAYS; offset++) {
        const start = midnight + offset * DAY;
        const date = new Date(start);
        if (!years.has(date.getUTCFullYear()) || !inMonths.has(date.getUTCMonth())) continue;
        if (!isDay(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate())) continue;
        for (const h of hours) {
          for (const m of minutes) {
            const at = start + (h * 60 + m) * 60_000;
            if (at > after) return at;
          }
        }
      }
      return undefined;
    },
  };
}

/** `*`, numbers, names, ranges and steps, joined by commas; undefined for anything else. In order, each once. */
function numbers(text: string, first: number, last: number, names: readonly string[] = []): number[] | undefined {
  const found = new Set<number>();
  const read = (word: string): number | undefined => {
    const named = names.indexOf(word.toUpperCase());
    if (named >= 0) return named + first;
    if (!/^\d{1,4}$/.test(word)) return undefined;
    const value = Number(word);
    return value >= first && value <= last ? value : undefined;
  };
  for (const part of text.split(",")) {
    const [range = "", step, ...more] = part.split("/");
    if (more.length > 0 || (step !== undefined && !/^[1-9]\d{0,3}$/.test(step))) return undefined;
    const [low, high, ...ends] = range === "*" ? [String(first), String(last)] : range.split("-");
    const from = read(low ?? "");
    // `5/15`: from 5 on.
    const to = high === undefined ? (step === undefined ? from : last) : read(high);
    if (ends.length > 0 || from === undefined || to === undefined || from > to) return undefined;
    for (let value = from; value <= to; value += Number(step ?? 1)) found.add(value);
  }
  return [...found].sort((a, b) => a - b);
}

const daysIn = (year: number, month: number): number => new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
const weekdayOf = (year: number, month: number, day: number): number =>
  new Date(Date.UTC(year, month, day)).getUTCDay();

function dayOfMonthRule(text: string): DayRule | undefined {
  if (text === "L") return (year, month, day) => day === daysIn(year, month);
  if (text === "LW") return (year, month, day) => day === nearestWorkday(year, month, daysIn(year, month));
  const workday = /^(\d{1,2})W$/.exec(text)?.[1];
  if (workday !== undefined) {
    const wanted = Number(workday);
    if (wanted < 1 || wanted > 31) return undefined;
    return (year, month, day) => wanted <= daysIn(year, month) && day === nearestWorkday(year, month, wanted);
  }
  const days = numbers(text, 1, 31);
  if (days === undefined) return undefined;
  const set = new Set(days);
  return (_year, _month, day) => set.has(day);
}

/** Monday to Friday, in the same month. */
function nearestWorkday(year: number, month: number, day: number): number {
  const weekday = weekdayOf(year, month, day);
  if (weekday === 6) return day > 1 ? day - 1 : day + 2;
  if (weekday === 0) return day < daysIn(year, month) ? day + 1 : day - 2;
  return day;
}

function dayOfWeekRule(text: string): DayRule | undefined {
  // The week ends on Saturday.
  if (text === "L") return (year, month, day) => weekdayOf(year, month, day) === 6;
  const special = /^([1-7]|[A-Za-z]{3})(?:L|#([1-5]))$/.exec(text);
  if (special) {
    const [, word = "", nth] = special;
    const [number] = numbers(word, 1, 7, WEEKDAYS) ?? [];
    if (number === undefined) return undefined;
    return (year, month, day) => {
      if (weekdayOf(year, month, day) !== number - 1) return false;
      return nth === undefined ? day > daysIn(year, month) - 7 : Math.ceil(day / 7) === Number(nth);
    };
  }
  const days = numbers(text, 1, 7, WEEKDAYS);
  if (days === undefined) return undefined;
  const set = new Set(days);
  return (year, month, day) => set.has(weekdayOf(year, month, day) + 1);
}
