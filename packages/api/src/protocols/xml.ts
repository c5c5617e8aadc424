const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
  // A parser would turn a bare carriage return into a line feed (XML 1.0, 2.11).
  "\r": "&#xD;",
};

/** Text for an element or attribute. What XML 1.0 cannot carry at all becomes U+FFFD (XML 1.0, 2.2). */
export function escapeXml(text: string): string {
  return text
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff\ud800-\udfff]/gu, "\ufffd")
    .replace(/[&<>"'\r]/g, (character) => ENTITIES[character]!);
}

export const element = (name: string, content: string, attributes = ""): string =>
  `<${name}${attributes}>${content}</${name}>`;
