/** The certificate handler that comes with the hub, by the name that `--certificate-handler` has for it. */
export const PKCS11 = "pkcs11";
