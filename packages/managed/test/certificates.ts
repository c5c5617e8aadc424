/** A device's own key needs no other certificate request than this one, made once with `openssl req -new`. */
export const CSR = `-----BEGIN CERTIFICATE REQUEST-----
MIHKMHMCAQAwETEPMA0GA1UEAwwGZGV2aWNlMFkwEwYHKoZIzj0CAQYIKoZIzj0D
AQcDQgAEo1j7uwZBsHO3ejy5HbbZaxqsPbbYoqyMPPskpnwBd/rk0FsqfVw2Tgtb
ZaOs23FcKzuOljTomrwhNzlA3aAAQKAAMAoGCCqGSM49BAMCA0cAMEQCICLOLzq9
7cLG4897faqwppFCdrU1kme0whvm12L/HbNOAiAZwgv1dHiOkXLO5bQcWhlGDYgP
90jIzrbk8STAzElSHQ==
-----END CERTIFICATE REQUEST-----
`;

/** A claim certificate of our own, so that no room has to wait for an RSA key: `openssl req -x509`, of the same key. */
export const CLAIM = `-----BEGIN CERTIFICATE-----
MIIBdjCCAR2gAwIBAgIUMJz76cANKhvYoTvy+1Vj/pDw0bkwCgYIKoZIzj0EAwIw
EDEOMAwGA1UEAwwFY2xhaW0wIBcNMjYxMTIxMTE0MjMwWhgPMjEyNjEwMjgxMTQy
MzBaMBAxDjAMBgNVBAMMBWNsYWltMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE
o1j7uwZBsHO3ejy5HbbZaxqsPbbYoqyMPPskpnwBd/rk0FsqfVw2TgtbZaOs23Fc
KzuOljTomrwhNzlA3aAAQKNTMFEwHQYDVR0OBBYEFCkeTdCe4r+Fc0ivF3PzIlq8
w58TMB8GA1UdIwQYMBaAFCkeTdCe4r+Fc0ivF3PzIlq8w58TMA8GA1UdEwEB/wQF
MAMBAf8wCgYIKoZIzj0EAwIDRwAwRAIgE2fLlR0c7loQgwYKPYF54RQGSS/Ok/Tv
OsCpoWEWn1ECIF93MiW+qMfBwMXKn545OHgk4WDE0oRnWlGQT45e4mnw
-----END CERTIFICATE-----
`;
