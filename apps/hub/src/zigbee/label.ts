/** The EUI-64 that a label's text names, as 16 lower-case digits; undefined when it names none. */
export function addressOfLabel(material: string): string | undefined {
  if (material.length > 512) return undefined;
  for (const form of FORMS) {
    const found = form.exec(material)?.[1];
    if (found) return found.toLowerCase();
  }
  return undefined;
}

/** `…Z:<EUI-64>$I:<install code>…`, `<EUI-64>|<install code>`, Aqara's and Hue's; all that the stack understands. */
const FORMS = [
  /Z:([0-9a-fA-F]{16})\$I:[0-9a-fA-F]{16,36}(?![0-9a-fA-F])/,
  /^\|?([0-9a-fA-F]{16})\|[0-9a-fA-F]{16,36}\|?$/,
  /\$A:([0-9a-fA-F]{16})\$I:[0-9a-fA-F]{16,36}$/,
  /^HUE:Z:[0-9a-fA-F]{16,36} M:([0-9a-fA-F]{16})(?![0-9a-fA-F])/,
];
