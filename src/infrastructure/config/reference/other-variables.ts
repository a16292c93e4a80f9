/** A variable that is not part of the service's configuration: another program reads it. */
export interface OtherVariable {
  name: string
  /** As Markdown. */
  default: string
  description: string
  example: string
  isSecret?: boolean
}

export interface OtherGroup {
  title: string
  variables: readonly OtherVariable[]
}

/** What a user can set for the other programs of this repository. */
export const OTHER_GROUPS: readonly OtherGroup[] = [
  {
    title: 'Docker Compose',
    variables: [
      {
        name: 'POSTGRES_PASSWORD',
        default: 'not set',
        description:
          'Password of the PostgreSQL that `docker compose` runs, which requires it; letters and digits only.',
        example: '<the secret>',
        isSecret: true,
      },
      {
        name: 'REDIS_PASSWORD',
        default: 'not set',
        description: 'Password of the Redis that `docker compose` runs, which requires it; letters and digits only.',
        example: '<the secret>',
        isSecret: true,
      },
    ],
  },
  {
    title: "Operators' commands",
    variables: [
      { name: 'NO_COLOR', default: 'not set', description: 'Any value disables colours in tables.', example: '1' },
    ],
  },
  {
    title: 'Development and tests',
    variables: [
      {
        name: 'TEST_LOG_LEVEL',
        default: '`silent`',
        description: '`LOG_LEVEL` of the service inside tests.',
        example: 'debug',
      },
      {
        name: 'CHROMIUM',
        default: 'an installed one',
        description: 'Path of the browser of `npm run test:browser`.',
        example: '/usr/bin/chromium',
      },
      {
        name: 'SHADOW_DATABASE_URL',
        default: 'not set',
        description: 'Empty database that `npm run prisma -- migrate dev` compares migrations in.',
        example: 'postgresql://user:password@127.0.0.1:5432/shadow',
      },
      {
        name: 'PRISMA_SCHEMA_ENGINE_BINARY',
        default: '`tools/schema-engine.mjs`',
        description: 'Path of the schema engine that `npm run prisma` runs.',
        example: '/usr/local/bin/schema-engine',
      },
      {
        name: 'EVENTS',
        default: '`20`',
        description: 'Number of events in `npm run bench -- limits`.',
        example: '6',
      },
      {
        name: 'RUNS',
        default: '`20`',
        description: 'Number of runs in `npm run bench -- pause`.',
        example: '5',
      },
      {
        name: 'DEBUG_KILL_AT',
        default: 'not set',
        description: 'Debug point at which the process kills itself; only with `NODE_ENV=test`.',
        example: 'before-cap-write',
      },
    ],
  },
]
