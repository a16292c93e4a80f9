-- The cap that a person is requested to set on a listing without an API, and since when.
ALTER TABLE "channels" ADD COLUMN "task_cap" INTEGER, ADD COLUMN "task_since" TIMESTAMPTZ(3);
ALTER TABLE "channels" ADD CONSTRAINT "channels_task" CHECK (("task_cap" IS NULL) = ("task_since" IS NULL) AND "task_cap" >= 0);
