import type { Migration } from "@hearth/backplane";

const place = "account_id TEXT NOT NULL, region TEXT NOT NULL";

export const jobMigrations: readonly Migration[] = [
  {
    room: "iot-jobs",
    version: 1,
    name: "jobs, their targets, executions and templates",
    statements: [
      // `details` is sealed: document, source, description, rules, tags, comment, reason. The counts are of things, by
      // their last attempt. `revision` guards all columns but the counts, which grow unguarded.
      `CREATE TABLE iot_job (
        ${place},
        job_id TEXT NOT NULL,
        owner TEXT NOT NULL,
        status TEXT NOT NULL,
        phase TEXT NOT NULL,
        target_selection TEXT NOT NULL,
        namespace_id TEXT,
        details BLOB NOT NULL,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL,
        completed_at BIGINT,
        start_at BIGINT,
        end_at BIGINT,
        window_open BIGINT NOT NULL,
        waiting BIGINT NOT NULL,
        queued BIGINT NOT NULL,
        in_progress BIGINT NOT NULL,
        succeeded BIGINT NOT NULL,
        failed BIGINT NOT NULL,
        rejected BIGINT NOT NULL,
        timed_out BIGINT NOT NULL,
        removed BIGINT NOT NULL,
        canceled BIGINT NOT NULL,
        notified BIGINT NOT NULL,
        rate_step BIGINT NOT NULL,
        rate_anchor BIGINT NOT NULL,
        rate_done BIGINT NOT NULL,
        cursor TEXT,
        force_canceled BIGINT NOT NULL,
        revision BIGINT NOT NULL,
        PRIMARY KEY (account_id, region, job_id)
      )`,
      "CREATE INDEX iot_job_by_status ON iot_job (account_id, region, status, created_at, job_id)",
      "CREATE INDEX iot_job_by_age ON iot_job (account_id, region, created_at, job_id)",
      // `thing/<name>` or `thinggroup/<name>`.
      `CREATE TABLE iot_job_target (
        ${place},
        job_id TEXT NOT NULL,
        target TEXT NOT NULL,
        PRIMARY KEY (account_id, region, job_id, target)
      )`,
      "CREATE INDEX iot_job_target_of ON iot_job_target (account_id, region, target, job_id)",
      // One row an attempt; `is_latest` marks a thing's last.
      `CREATE TABLE iot_job_execution (
        ${place},
        job_id TEXT NOT NULL,
        thing_name TEXT NOT NULL,
        execution_number BIGINT NOT NULL,
        status TEXT NOT NULL,
        is_latest BIGINT NOT NULL,
        status_details BLOB,
        version_number BIGINT NOT NULL,
        retry_attempt BIGINT NOT NULL,
        force_canceled BIGINT NOT NULL,
        queued_at BIGINT NOT NULL,
        started_at BIGINT,
        updated_at BIGINT NOT NULL,
        in_progress_due_at BIGINT,
        step_due_at BIGINT,
        PRIMARY KEY (account_id, region, job_id, thing_name, execution_number)
      )`,
      // IN_PROGRESS sorts before QUEUED: the order of `$next`.
      `CREATE INDEX iot_job_execution_pending
        ON iot_job_execution (account_id, region, thing_name, status, queued_at, job_id)
        WHERE status IN ('IN_PROGRESS', 'QUEUED')`,
      `CREATE INDEX iot_job_execution_of_job
        ON iot_job_execution (account_id, region, job_id, status, thing_name, execution_number)`,
      `CREATE INDEX iot_job_execution_of_thing
        ON iot_job_execution (account_id, region, thing_name, queued_at, job_id, execution_number)`,
      // What a thing was told last (notify-next), and whether it has to be told anew. `generation` grows with what
      // there is to tell; `changed`: its list of pending executions gained or lost one.
      `CREATE TABLE iot_job_thing (
        ${place},
        thing_name TEXT NOT NULL,
        told_job_id TEXT,
        told_number BIGINT,
        generation BIGINT NOT NULL,
        changed BIGINT NOT NULL,
        due BIGINT NOT NULL,
        PRIMARY KEY (account_id, region, thing_name)
      )`,
      "CREATE INDEX iot_job_thing_due ON iot_job_thing (account_id, region, thing_name) WHERE due = 1",
      `CREATE TABLE iot_job_template (
        ${place},
        template_id TEXT NOT NULL,
        details BLOB NOT NULL,
        created_at BIGINT NOT NULL,
        PRIMARY KEY (account_id, region, template_id)
      )`,
    ],
  },
];
