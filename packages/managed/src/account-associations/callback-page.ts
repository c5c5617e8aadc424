/** What the end user's browser is told at the end of its way back from the vendor. */
export interface CallbackAnswer {
  status: number;
  /** Where the browser goes on to. */
  location?: string;
  /** HTML, where it stays. */
  page?: string;
}

const page = (title: string, text: string): string =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title><h1>${title}</h1><p>${text}</p></html>\n`;

const LINKED = page("Account linked", "You can close this page and go back to the app.");
const UNDER_WAY = page("Almost done", "The account is being linked. You can close this page and go back to the app.");
const NOT_LINKED = page(
  "Account not linked",
  "The account could not be linked. Go back to the app, which shows why, and try again.",
);
/** Fixed words: what came with the request is not shown to anybody. */
export const UNKNOWN_LINK: CallbackAnswer = {
  status: 400,
  page: page(
    "Link not valid",
    "This sign-in was finished before, or it has expired. Go back to the app and try again.",
  ),
};

/** `pending`: the connector has not answered yet; the app reads the end from the account association. */
export type LinkEnd = "linked" | "pending" | { error: string; description: string };

/**
 * The last step of account linking (reference 9.2, steps 7 and 8): back to the app's URL, with `error` and
 * `error_description` on failure. Without one that a browser can be sent to, a page of ours.
 */
export function callbackAnswer(completeUrl: string | undefined, end: LinkEnd): CallbackAnswer {
  const url = completeUrl !== undefined && URL.canParse(completeUrl) ? new URL(completeUrl) : undefined;
  if (url?.protocol !== "https:" && url?.protocol !== "http:") {
    return { status: 200, page: end === "linked" ? LINKED : end === "pending" ? UNDER_WAY : NOT_LINKED };
  }
  if (typeof end === "object") {
    url.searchParams.set("error", end.error);
    url.searchParams.set("error_description", end.description);
  }
  return { status: 302, location: url.href };
}
