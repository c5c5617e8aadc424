/**
 * Compiles the patterns of the models, which are written for Java and are matched against the whole value.
 *
 * The published patterns have lost the anchors of their sources (`$|^(https):.*` was `^$|^(https):.*$`), and the
 * services refuse a value of which only a part matches; so the whole value must match here as well.
 */

/** POSIX classes of Java, as the inside of a character class. */
const JAVA_CLASSES: Readonly<Record<string, string>> = {
  Alnum: "A-Za-z0-9",
  Alpha: "A-Za-z",
  ASCII: "\\x00-\\x7f",
  Blank: "\\x20\\t",
  Cntrl: "\\x00-\\x1f\\x7f",
  Digit: "0-9",
  Graph: "\\x21-\\x7e",
  Lower: "a-z",
  Print: "\\x20-\\x7e",
  Punct: "!-\\/:-@\\[-`\\{-~",
  Space: "\\x20\\t-\\r",
  Upper: "A-Z",
  XDigit: "0-9A-Fa-f",
};

/**
 * Patterns that backtrack in polynomial time, and expressions that accept the same values in linear time. The ones of
 * Kinesis additionally keep colons inside the fields of an ARN, where no colon can stand.
 */
const LINEAR: Readonly<Record<string, string>> = {
  ".*[a-zA-Z0-9_.,@/:#-]*.*": ".*",
  ".*[a-zA-Z0-9_.,@/:#-]+.*": "[^a-zA-Z0-9_.,@/:#\\n\\r\\u2028\\u2029-]*[a-zA-Z0-9_.,@/:#-].*",
  "-----BEGIN CERTIFICATE-----.*(.|\\n)*-----END CERTIFICATE-----\\n?":
    "-----BEGIN CERTIFICATE-----[^\\r\\u2028\\u2029]*-----END CERTIFICATE-----\\n?",
  "^(arn):aws.*:kinesis:.*:\\d{12}:.*stream\\/[a-zA-Z0-9_.-]+\\/consumer\\/[a-zA-Z0-9_.-]+:[0-9]+":
    "arn:aws[^:]*:kinesis:[^:]*:\\d{12}:[^:/]*stream\\/[a-zA-Z0-9_.-]+\\/consumer\\/[a-zA-Z0-9_.-]+:[0-9]+",
  "arn:aws.*:kinesis:.*:\\d{12}:.*stream/\\S+": "arn:aws[^:]*:kinesis:[^:]*:\\d{12}:[^:/]*stream/\\S+",
  "arn:aws.*:kinesis:.*:\\d{12}:stream/\\S+": "arn:aws[^:]*:kinesis:[^:]*:\\d{12}:stream/\\S+",
  "^[1-9]+.[0-9]+": "[1-9](?:[0-9]{2,}|[1-9]*[^0-9\\n\\r\\u2028\\u2029][0-9]+)",
};

const compiled = new Map<string, RegExp>();

/** The expression for a model's pattern. Throws a SyntaxError for one that cannot be expressed in JavaScript. */
export function compilePattern(pattern: string): RegExp {
  const known = compiled.get(pattern);
  if (known) return known;
  const expression = new RegExp(`^(?:${translate(LINEAR[pattern] ?? pattern)})$`, "u");
  compiled.set(pattern, expression);
  return expression;
}

function translate(pattern: string): string {
  let result = "";
  let insideClass = false;
  for (let index = 0; index < pattern.length; index++) {
    const character = pattern[index]!;
    if (character === "\\") {
      const rest = pattern.slice(index);
      const posix = /^\\p\{(\w+)\}/.exec(rest);
      const range = posix && Object.hasOwn(JAVA_CLASSES, posix[1]!) ? JAVA_CLASSES[posix[1]!]! : undefined;
      if (posix && range !== undefined) {
        result += insideClass ? range : `[${range}]`;
        index += posix[0].length - 1;
        continue;
      }
      const hex = /^\\x\{([0-9A-Fa-f]+)\}/.exec(rest);
      if (hex) {
        result += `\\u{${hex[1]}}`;
        index += hex[0].length - 1;
        continue;
      }
      const escaped = pattern[index + 1] ?? "";
      // With the u flag JavaScript allows only syntax characters to be escaped without need.
      const needless = /[^\w\s]/.test(escaped) && !/[\^$\\.*+?()[\]{}|/-]/.test(escaped);
      result += needless || escaped === "_" ? escaped : escaped === "-" && !insideClass ? "-" : `\\${escaped}`;
      index++;
      continue;
    }
    if (character === "[" && insideClass) {
      result += "\\[";
      continue;
    }
    if (character === "[") insideClass = true;
    else if (character === "]") insideClass = false;
    result += character;
  }
  return result;
}
