import { existsSync } from "node:fs";
import { request } from "node:https";
import { delimiter, join } from "node:path";

interface Consent {
  /** Where the user begins: the vendor's authorization URL. */
  url: string;
  username: string;
  password: string;
  /** PEM of what the vendor and the platform show. */
  ca: readonly string[];
  /** Where it ends: the platform's callback. */
  callbackUrl: string;
}

/** The user signs in at the vendor and allows, in a headless Chromium where there is one: how it was done. */
export async function consent(given: Consent): Promise<"Chromium" | "posted forms"> {
  const executablePath = await findChromium();
  if (executablePath === undefined) {
    await consentByForms(given);
    return "posted forms";
  }
  await consentInBrowser(given, executablePath);
  return "Chromium";
}

async function findChromium(): Promise<string | undefined> {
  try {
    const { chromium } = await import("playwright-core");
    const places = (process.env["PATH"] ?? "").split(delimiter);
    const names = ["chromium", "chromium-browser", "google-chrome"];
    const candidates = [
      chromium.executablePath(),
      ...names.flatMap((name) => places.map((place) => join(place, name))),
    ];
    return candidates.find((path) => path !== "" && existsSync(path));
  } catch {
    // An installation without what is only for development.
    return undefined;
  }
}

async function consentInBrowser({ url, username, password, callbackUrl }: Consent, executablePath: string) {
  const { chromium } = await import("playwright-core");
  const browser = await chromium.launch({ executablePath });
  try {
    // The certificates of both are an hour old and known to nobody.
    const page = await browser.newPage({ ignoreHTTPSErrors: true });
    await page.goto(url);
    await page.fill('input[name="username"]', username);
    await page.fill('input[name="password"]', password);
    await page.click('button[value="sign-in"]');
    await page.click('button[value="allow"]');
    await page.waitForURL((at) => at.href.startsWith(callbackUrl));
  } finally {
    await browser.close();
  }
}

/** A browser as far as this needs one: cookies of one origin, redirects, forms. */
async function consentByForms({ url, username, password, ca, callbackUrl }: Consent): Promise<void> {
  const cookies = new Map<string, string>();
  const { origin } = new URL(url);

  async function go(to: string, form?: Record<string, string>): Promise<{ url: string; html: string }> {
    const own = new URL(to).origin === origin;
    const cookie = own ? [...cookies].map((pair) => pair.join("=")).join("; ") : "";
    const answer = await exchange(to, cookie, ca, form);
    for (const line of own ? answer.setCookie : []) {
      const [, name = "", value = ""] = /^([^=;]+)=([^;]*)/.exec(line) ?? [];
      if (value === "") cookies.delete(name);
      else cookies.set(name, value);
    }
    return answer.location === undefined ? { url: to, html: answer.body } : go(new URL(answer.location, to).href);
  }

  const submit = (page: { url: string; html: string }, fields: Record<string, string>) => {
    const [, form_token = ""] = /name="form_token" value="([^"]*)"/.exec(page.html) ?? [];
    return go(page.url, { form_token, ...fields });
  };

  const question = await submit(await go(url), { username, password, action: "sign-in" });
  const end = await submit(question, { action: "allow" });
  if (!end.url.startsWith(callbackUrl)) throw new Error(`the sign-in ended at ${new URL(end.url).origin}`);
}

interface Exchanged {
  location: string | undefined;
  setCookie: readonly string[];
  body: string;
}

const exchange = (url: string, cookie: string, ca: readonly string[], form?: Record<string, string>) =>
  new Promise<Exchanged>((resolve, reject) => {
    const headers = { cookie, ...(form ? { "content-type": "application/x-www-form-urlencoded" } : {}) };
    const sent = request(url, { method: form ? "POST" : "GET", headers, ca: [...ca] }, async (answer) => {
      let body = "";
      for await (const chunk of answer.setEncoding("utf8")) body += chunk;
      const { location, "set-cookie": setCookie = [] } = answer.headers;
      resolve({ location, setCookie, body });
    });
    sent.on("error", reject);
    sent.end(form ? `${new URLSearchParams(form)}` : undefined);
  });
