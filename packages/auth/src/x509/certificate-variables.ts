// Needed before @peculiar/x509, whose services are injected with it.
import "reflect-metadata";
import {
  type GeneralNames,
  IssuerAlternativeNameExtension,
  type Name,
  SubjectAlternativeNameExtension,
  X509Certificate,
} from "@peculiar/x509";

type Variables = Record<string, string | readonly string[]>;

/** Names of the attributes in policy variables, by their object identifiers (RFC 5280, appendix A). */
const ATTRIBUTES: Readonly<Record<string, string>> = {
  DistinguishedNameQualifier: "2.5.4.46",
  Country: "2.5.4.6",
  Organization: "2.5.4.10",
  OrganizationalUnit: "2.5.4.11",
  State: "2.5.4.8",
  CommonName: "2.5.4.3",
  SerialNumber: "2.5.4.5",
  Title: "2.5.4.12",
  Surname: "2.5.4.4",
  GivenName: "2.5.4.42",
  Initials: "2.5.4.43",
  Pseudonym: "2.5.4.65",
  GenerationQualifier: "2.5.4.44",
};

const ALTERNATIVE_NAMES: Readonly<Record<string, string>> = {
  RFC822Name: "email",
  DNSName: "dns",
  DirectoryName: "dn",
  UniformResourceIdentifier: "url",
  IPAddress: "ip",
};

/** Attributes with more values are cut (reference 7). */
const MOST_VALUES = 5;

/**
 * The policy variables `iot:Certificate.…` of a certificate (reference 7): an attribute's first value by its plain name
 * and `.0`, the second as `.1`, all of them as the set `.List`; `AvailableKeys` names those that have a value. The
 * serial number is in upper-case hex. A certificate that cannot be read has none.
 */
export function certificateVariables(der: Uint8Array): Variables {
  const variables: Variables = {};
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(new Uint8Array(der));
    addName(variables, "Subject", certificate.subjectName);
    addName(variables, "Issuer", certificate.issuerName);
    const subject = certificate.getExtension(SubjectAlternativeNameExtension);
    const issuer = certificate.getExtension(IssuerAlternativeNameExtension);
    if (subject) addAlternativeNames(variables, "Subject", subject.names);
    if (issuer) addAlternativeNames(variables, "Issuer", issuer.names);
  } catch {
    return {};
  }
  const serial = certificate.serialNumber.toUpperCase();
  add(variables, "iot:Certificate.SerialNumber", [serial]);
  variables["iot:Certificate.AvailableKeys"] = Object.keys(variables).filter((key) => !key.endsWith(".List"));
  return variables;
}

function addName(variables: Variables, whose: string, name: Name): void {
  for (const [attribute, oid] of Object.entries(ATTRIBUTES)) {
    add(variables, `iot:Certificate.${whose}.${attribute}`, name.getField(oid));
  }
}

function addAlternativeNames(variables: Variables, whose: string, names: GeneralNames): void {
  for (const [kind, type] of Object.entries(ALTERNATIVE_NAMES)) {
    const values = names.items.filter((item) => item.type === type).map((item) => item.value);
    add(variables, `iot:Certificate.${whose}.AlternativeName.${kind}`, values);
  }
}

function add(variables: Variables, key: string, all: readonly string[]): void {
  const values = all.slice(0, MOST_VALUES);
  if (values.length === 0) return;
  variables[key] = values[0] as string;
  for (const [index, value] of values.entries()) variables[`${key}.${index}`] = value;
  variables[`${key}.List`] = values;
}
