import type { Migration } from "@hearth/backplane";

export const caMigrations: readonly Migration[] = [
  {
    room: "iot-ca",
    version: 1,
    name: "customers' CAs",
    statements: [
      // `subject` is a hash of the subject: by it the issuer of a device's certificate is found.
      `CREATE TABLE iot_ca_certificates (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        certificate_id TEXT NOT NULL,
        status TEXT NOT NULL,
        auto_registration BIGINT NOT NULL,
        template_name TEXT,
        certificate_pem TEXT NOT NULL,
        certificate_mode TEXT NOT NULL,
        subject TEXT NOT NULL,
        not_before BIGINT NOT NULL,
        not_after BIGINT NOT NULL,
        created_at BIGINT NOT NULL,
        modified_at BIGINT NOT NULL,
        customer_version BIGINT NOT NULL,
        generation_id TEXT NOT NULL,
        revision BIGINT NOT NULL,
        PRIMARY KEY (account_id, region, certificate_id)
      )`,
      "CREATE INDEX iot_ca_certificates_by_id ON iot_ca_certificates (certificate_id)",
      "CREATE INDEX iot_ca_certificates_by_subject ON iot_ca_certificates (subject)",
      "CREATE INDEX iot_ca_certificates_by_age ON iot_ca_certificates (account_id, region, created_at, certificate_id)",
      `CREATE TABLE iot_registration_codes (
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        code TEXT NOT NULL,
        PRIMARY KEY (account_id, region)
      )`,
      "ALTER TABLE iot_certificates ADD COLUMN ca_certificate_id TEXT",
      `CREATE INDEX iot_certificates_by_ca
        ON iot_certificates (account_id, region, ca_certificate_id, created_at, certificate_id)`,
    ],
  },
];
