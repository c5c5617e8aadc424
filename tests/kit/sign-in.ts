type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface SignIn {
  username: string;
  password: string;
  /** What the user answers when asked; "allow" if absent. */
  consent?: "allow" | "deny";
}

/** A browser as far as a sign-in needs one: it keeps the cookies of one origin and follows that one's redirects. */
export function createBrowser(fetch: Fetch) {
  const cookies = new Map<string, string>();

  const go = async (url: string, form?: URLSearchParams): Promise<{ url: string; status: number; html: string }> => {
    const headers: Record<string, string> = { cookie: [...cookies].map((pair) => pair.join("=")).join("; ") };
    if (form) headers["content-type"] = "application/x-www-form-urlencoded";
    const answer = await fetch(url, { method: form ? "POST" : "GET", headers, ...(form ? { body: `${form}` } : {}) });
    for (const [, name, value] of (answer.headers.get("set-cookie") ?? "").matchAll(/(?:^|,\s*)([\w.]+)=([^;,]*)/g))
      if (name && name !== "expires") value ? cookies.set(name, value) : cookies.delete(name);
    const location = answer.headers.get("location");
    if (!location) return { url, status: answer.status, html: await answer.text() };
    const next = new URL(location, url);
    // The other origin's server need not be there: its URL is what the test asks for.
    return next.origin === new URL(url).origin ? go(next.href) : { url: next.href, status: answer.status, html: "" };
  };

  const submit = (page: { url: string; html: string }, fields: Record<string, string>) => {
    const [, token = ""] = /name="form_token" value="([^"]*)"/.exec(page.html) ?? [];
    return go(page.url, new URLSearchParams({ form_token: token, ...fields }));
  };

  return {
    go,
    submit,
    /** Signs in and answers the question whether to allow; the URL to which the vendor sends the user back. */
    async signIn(authorizationUrl: string, { username, password, consent = "allow" }: SignIn): Promise<URL> {
      let page = await go(authorizationUrl);
      if (page.html.includes('name="password"')) page = await submit(page, { username, password, action: "sign-in" });
      if (page.html.includes('value="allow"')) page = await submit(page, { action: consent });
      return new URL(page.url);
    },
  };
}
