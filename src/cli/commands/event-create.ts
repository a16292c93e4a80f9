import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { Option, type Command } from 'commander'
import { ValidationFailed } from '../../domain/errors.js'
import { EventCreation } from '../../events/event-creation.js'
import { CreateEventBody } from '../../events/event-request.dto.js'
import { jsonBody } from '../../infrastructure/http/requests/json-body.js'
import { createValidationPipe } from '../../infrastructure/http/requests/validation.js'
import type { Cli } from '../cli.js'
import { EXIT, usage, type ExitCode } from '../terminal/exit.js'
import { PROGRAM_NAME } from '../terminal/program-name.js'
import { followChannels } from '../follow-channels.js'
import { showEvent } from './event-view.js'

interface CreateOptions {
  from: string
  wait: boolean
}

const STDIN = '-'
const CREATOR = { id: null, email: 'command line' }

/** `events create --from FILE [--no-wait]`. */
export function addEventCreate(events: Command, cli: Cli): void {
  const create = events
    .command('create')
    .description('Create an event, and wait until every listing has confirmed its cap')
    .addOption(
      new Option(
        '--from <file>',
        'JSON with the fields of POST /api/v1/events; - is standard input',
      ).makeOptionMandatory(),
    )
    .option('--no-wait', 'do not wait for the platforms')
  cli.register<CreateOptions>(create, async ({ context, out, options: { from, wait } }): Promise<ExitCode> => {
    const body = await bodyFrom(from)
    const { id } = await context.get(EventCreation).create(body, CREATOR)
    out.info(`Created ${id}`)
    const unconfirmed = wait ? await followChannels(context, out, id) : 0
    await showEvent(context, out, id)
    if (unconfirmed > 0) out.info(`${unconfirmed} channels are not confirmed yet; the service continues`)
    out.next(`${PROGRAM_NAME} events show ${id}`)
    return unconfirmed > 0 ? EXIT.failed : EXIT.done
  })
}

/** Validated like a request. Throws CliError for a file that cannot be read, ValidationFailed otherwise. */
async function bodyFrom(file: string): Promise<CreateEventBody> {
  const value = jsonBody(parsed(await contentOf(file)))
  return createValidationPipe().transform(value, {
    type: 'body',
    metatype: CreateEventBody,
  }) as Promise<CreateEventBody>
}

async function contentOf(file: string): Promise<string> {
  if (file === STDIN) return text(process.stdin)
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw usage(`${file} cannot be read: ${(error as Error).message}`, `Name a file with JSON, or ${STDIN}`)
  }
}

function parsed(content: string): unknown {
  try {
    return JSON.parse(content)
  } catch (error) {
    throw ValidationFailed.of('body', `is not valid JSON: ${(error as Error).message}`)
  }
}
