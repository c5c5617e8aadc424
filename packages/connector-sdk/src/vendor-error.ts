/** The vendor did not do it. The code is what the platform acts by (reference 9.3, U25). */
export class VendorError extends Error {
  override name = "VendorError";
  /** 401: the platform renews the user's token and asks again; other 4xx end the request; 5xx are tried again. */
  readonly responseCode: number;

  /** @param message one line that the operator reads; never a token */
  constructor(responseCode: number, message: string) {
    super(message);
    this.responseCode =
      Number.isInteger(responseCode) && responseCode >= 400 && responseCode < 600 ? responseCode : 502;
  }
}

/** What the vendor's HTTP answer means to the platform; undefined: success. */
export function vendorErrorOf(status: number, what: string): VendorError | undefined {
  if (status >= 200 && status < 300) return undefined;
  // A vendor that has enough of us is asked again, and a redirect or a 1xx is an answer that nobody understands.
  if (status === 429 || status === 408) return new VendorError(503, `the vendor answered ${status} to ${what}`);
  return new VendorError(status >= 400 && status < 600 ? status : 502, `the vendor answered ${status} to ${what}`);
}
