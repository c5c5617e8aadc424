/** What the vendor sent the browser back with (RFC 6749, 4.1.2; RFC 9207). */
export interface CallbackQuery {
  state: string;
  code?: string;
  error?: string;
  errorDescription?: string;
  iss?: string;
}

/** Characters of a whole query. */
const LONGEST = 4096;
/** As the platform mints it. */
const STATE = /^[0-9a-f]{64}$/;
/** RFC 6749, A.11. */
const CODE = /^[\x20-\x7e]{1,4000}$/;

/** Undefined: no vendor that answers a link of ours sends this. */
export function parseCallback(query: URLSearchParams): CallbackQuery | undefined {
  if (query.toString().length > LONGEST) return undefined;
  // A parameter that comes twice has two meanings (RFC 6749, 3.1).
  for (const name of ["state", "code", "error", "error_description", "iss"]) {
    if (query.getAll(name).length > 1) return undefined;
  }
  const state = query.get("state") ?? "";
  const code = query.get("code") ?? undefined;
  const error = query.get("error") ?? undefined;
  if (!STATE.test(state) || (code !== undefined && !CODE.test(code))) return undefined;
  const errorDescription = query.get("error_description") ?? undefined;
  const iss = query.get("iss") ?? undefined;
  return {
    state,
    ...(code === undefined ? {} : { code }),
    ...(error === undefined ? {} : { error }),
    ...(errorDescription === undefined ? {} : { errorDescription }),
    ...(iss === undefined ? {} : { iss }),
  };
}
