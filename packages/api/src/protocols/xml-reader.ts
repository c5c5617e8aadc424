import { ServiceError } from "@hearth/contract";

/** An element; its attributes are not kept, and its name has lost the namespace's prefix. */
export interface XmlElement {
  name: string;
  children: XmlElement[];
  /** Of its own, without that of its children. */
  text: string;
}

const MAX_DEPTH = 32;
const MAX_ELEMENTS = 200_000;
const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

const malformed = (why: string): ServiceError =>
  new ServiceError("MalformedXML", `The XML you provided was not well-formed: ${why}.`);

/**
 * Reads a document of elements and text, as services send and take them. There are no document types and no entities but
 * XML's own five, so nothing can grow. Throws `MalformedXML`.
 */
export function parseXml(body: Uint8Array): XmlElement {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(body);
  } catch {
    throw malformed("it is not UTF-8");
  }
  const document: XmlElement = { name: "", children: [], text: "" };
  const open: XmlElement[] = [document];
  let elements = 0;
  let at = 0;
  /** The place behind `end`, which must come. */
  const behind = (end: string, from: number): number => {
    const found = text.indexOf(end, from);
    if (found < 0) throw malformed(`${end} is missing`);
    return found + end.length;
  };
  while (at < text.length) {
    const mark = text.indexOf("<", at);
    const run = text.slice(at, mark < 0 ? text.length : mark);
    if (run !== "") open.at(-1)!.text += decodeEntities(run);
    if (mark < 0) break;
    if (text.startsWith("<?", mark)) at = behind("?>", mark);
    else if (text.startsWith("<!--", mark)) at = behind("-->", mark);
    else if (text.startsWith("<![CDATA[", mark)) {
      at = behind("]]>", mark);
      open.at(-1)!.text += text.slice(mark + 9, at - 3);
    } else if (text.startsWith("<!", mark)) throw malformed("a document type is not allowed");
    else {
      at = behind(">", mark);
      const tag = text.slice(mark + 1, at - 1);
      const name = localName(tag);
      if (tag.startsWith("/")) {
        if (open.length === 1 || open.pop()!.name !== name) throw malformed(`</${name.slice(0, 64)}> closes nothing`);
        continue;
      }
      if (++elements > MAX_ELEMENTS) throw malformed("it has too many elements");
      const element: XmlElement = { name, children: [], text: "" };
      open.at(-1)!.children.push(element);
      if (tag.endsWith("/")) continue;
      if (open.length > MAX_DEPTH) throw malformed(`it is nested deeper than ${MAX_DEPTH} levels`);
      open.push(element);
    }
  }
  const [root, another] = document.children;
  if (open.length > 1) throw malformed(`<${open.at(-1)!.name.slice(0, 64)}> is not closed`);
  if (!root || another || document.text.trim() !== "") throw malformed("it must have one root element");
  return root;
}

/** Of `<p:Name attribute="">`, `</Name >` or `<Name/>`. */
function localName(tag: string): string {
  const name = tag.replace(/^\//, "").split(/[\s/]/, 1)[0]!;
  if (!/^[\w:.-]{1,128}$/.test(name)) throw malformed("a tag has no proper name");
  return name.slice(name.indexOf(":") + 1);
}

function decodeEntities(text: string): string {
  if (!text.includes("&")) return text;
  return text.replace(/&([^;&]{0,12});?/g, (whole, name: string) => {
    if (!whole.endsWith(";")) throw malformed("an & stands alone");
    const known = Object.hasOwn(ENTITIES, name) ? ENTITIES[name] : undefined;
    if (known !== undefined) return known;
    const digits = /^#(?:x([0-9a-fA-F]{1,6})|(\d{1,7}))$/.exec(name);
    const code = digits ? Number.parseInt(digits[1] ?? digits[2]!, digits[1] ? 16 : 10) : Number.NaN;
    if (!(code > 0 && code <= 0x10ffff) || (code >= 0xd800 && code <= 0xdfff)) throw malformed(`&${name}; is unknown`);
    return String.fromCodePoint(code);
  });
}
