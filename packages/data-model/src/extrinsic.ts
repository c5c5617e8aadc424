import type { ActionElement, ExtrinsicProperties } from "./documents.ts";

/** The number of an external id: 1 to 10 decimal digits, or `0x` and 1 to 8 hexadecimal ones (reference 5.1). */
export function parseExtrinsicId(text: string): number | undefined {
  if (/^[0-9]{1,10}$/.test(text)) return Number.parseInt(text, 10);
  return /^0[xX][0-9a-fA-F]{1,8}$/.test(text) ? Number.parseInt(text.slice(2), 16) : undefined;
}

/** Vendor id of a 32-bit external id: its high 16 bits. 0 is Matter, 0x1577 is AWS (reference 5.1). */
export const vendorOf = (extrinsicId: number): number => Math.floor(extrinsicId / 0x10000);

/** What an action's request or response is called outside, after the override rule (reference 5.3). */
export interface EffectiveElement {
  name: string;
  extrinsicId: string;
  extrinsicProperties: ExtrinsicProperties;
}

/** The request's own id and properties over the action's. */
export function effectiveRequest(action: ActionElement): EffectiveElement {
  return effective(action, action.request, action.name);
}

/** The response's own id and properties over the action's; its name is the action's and `Response` unless given. */
export function effectiveResponse(action: ActionElement): EffectiveElement {
  return effective(action, action.response, action.response?.name ?? `${action.name}Response`);
}

function effective(
  action: ActionElement,
  part: { extrinsicId?: string; extrinsicProperties?: ExtrinsicProperties } | undefined,
  name: string,
): EffectiveElement {
  return {
    name,
    extrinsicId: part?.extrinsicId ?? action.extrinsicId,
    extrinsicProperties: { ...action.extrinsicProperties, ...part?.extrinsicProperties },
  };
}
