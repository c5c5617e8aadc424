const ESCAPES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

const htmlOf = (text: string): string => text.replace(/[&<>"']/g, (found) => ESCAPES[found] as string);

const page = (title: string, body: string): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${htmlOf(title)}</title>
<style>
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 24rem; margin: 3rem auto; padding: 0 1rem }
label { display: block; margin: 0.5rem 0 }
input { font: inherit; width: 100%; box-sizing: border-box; padding: 0.4rem }
button { font: inherit; padding: 0.4rem 1rem; margin: 0.5rem 0.5rem 0 0 }
[role="alert"] { color: #a00 }
</style>
<h1>${htmlOf(title)}</h1>
${body}
</html>
`;

export const messagePage = (title: string, message: string): string => page(title, `<p>${htmlOf(message)}</p>`);

export interface Form {
  /** Goes back with the form, so that only this page can have sent it. */
  formToken: string;
  /** The partner's name. */
  partner: string;
}

export const signInPage = ({ formToken, partner }: Form, error?: string): string =>
  page(
    "Sign in",
    `<p>${htmlOf(partner)} would like to use your devices.</p>
${error ? `<p role="alert">${htmlOf(error)}</p>` : ""}
<form method="post">
<input type="hidden" name="form_token" value="${htmlOf(formToken)}">
<label>Name <input name="username" autocomplete="username" maxlength="64" autofocus></label>
<label>Password <input name="password" type="password" autocomplete="current-password" maxlength="128"></label>
<button name="action" value="sign-in">Sign in</button>
<button name="action" value="deny">Cancel</button>
</form>`,
  );

export const consentPage = ({ formToken, partner }: Form, user: string, wishes: readonly string[]): string =>
  page(
    "Allow access",
    `<p>${htmlOf(user)}, ${htmlOf(partner)} would like to</p>
<ul>${wishes.map((wish) => `<li>${htmlOf(wish)}</li>`).join("")}</ul>
<form method="post">
<input type="hidden" name="form_token" value="${htmlOf(formToken)}">
<button name="action" value="allow">Allow</button>
<button name="action" value="deny">Deny</button>
</form>`,
  );
