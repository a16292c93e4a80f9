import { Option, type Command } from 'commander'
import { ConnectionCommands } from '../../connection-commands/connection-commands.js'
import { ConnectionList } from '../../connection-commands/connection-list.js'
import type { ConnectionDto } from '../../connection-commands/connections.dto.js'
import { PLATFORMS, type Platform } from '../../domain/channel.js'
import { isSingleLine } from '../../infrastructure/text/single-line.js'
import { CREDENTIAL_FORMS } from '../../platforms/credentials.js'
import type { Cli } from '../cli.js'
import { readCredentials } from '../terminal/credentials.js'
import { usage } from '../terminal/exit.js'
import type { Output } from '../terminal/output.js'
import { PROGRAM_NAME } from '../terminal/program-name.js'

interface AddOptions {
  platform: Platform
  label: string
}

const MAX_LABEL_LENGTH = 100

/** `connections list`, `connections add`, `connections check ID`, `connections remove ID`. */
export function addConnections(program: Command, cli: Cli): void {
  const connections = program.command('connections').description('Accounts on platforms')
  addList(connections, cli)
  addAdd(connections, cli)
  addCheck(connections, cli)
  addRemove(connections, cli)
}

function addList(connections: Command, cli: Cli): void {
  const list = connections.command('list').description('List the accounts, those of the environment first')
  cli.register(list, async ({ context, out }) => {
    const items = await context.get(ConnectionList).all()
    out.show({ items }, () =>
      out.table(
        ['ID', 'PLATFORM', 'LABEL', 'STATE', 'ACCOUNT', 'WEBHOOKS', 'CHANNELS', 'DETAIL'],
        items.map((one) => [
          one.id,
          one.platform,
          one.label,
          one.state,
          nameOf(one),
          one.webhook,
          String(one.channels),
          one.detail ?? '',
        ]),
      ),
    )
  })
}

function addAdd(connections: Command, cli: Cli): void {
  const add = connections
    .command('add')
    .description('Add an account; its credentials are prompted for, or read from standard input as a JSON object')
    .addOption(new Option('--platform <platform>', 'platform').choices(PLATFORMS).makeOptionMandatory())
    .requiredOption('--label <label>', 'name of the account for staff')
  cli.register<AddOptions>(
    add,
    async ({ context, out, options: { platform, label } }) => {
      const credentials = await readCredentials(CREDENTIAL_FORMS[platform])
      const id = await context.get(ConnectionCommands).add(null, { platform, label, credentials })
      show(out, await context.get(ConnectionList).one(id))
    },
    { check: (_args, { label }) => assertLabel(label) },
  )
}

function addCheck(connections: Command, cli: Cli): void {
  const check = connections.command('check').description('Check whether its platform accepts it').argument('<id>')
  cli.register(check, async ({ context, out, args: [id = ''] }) => {
    await context.get(ConnectionCommands).check(null, id)
    show(out, await context.get(ConnectionList).one(id))
  })
}

function addRemove(connections: Command, cli: Cli): void {
  const remove = connections.command('remove').description('Remove an account and its credentials').argument('<id>')
  cli.register(remove, async ({ context, out, args: [id = ''] }) => {
    await context.get(ConnectionCommands).remove(null, id)
    out.show({ id, removed: true }, () => out.facts([['removed', id]]))
  })
}

function show(out: Output, connection: ConnectionDto): void {
  const { id, platform, label, state, detail, webhook } = connection
  out.show({ ...connection }, () =>
    out.facts(
      Object.entries({ id, platform, label, state, detail: detail ?? '', account: nameOf(connection), webhook }),
    ),
  )
  if (state !== 'READY') out.next(`${PROGRAM_NAME} connections check ${id}`)
}

function nameOf({ account }: ConnectionDto): string {
  return account ? (account.name ?? account.id) : ''
}

/** Validates like the API. Throws CliError. */
function assertLabel(label: string): void {
  if (/\S/.test(label) && label.length <= MAX_LABEL_LENGTH && isSingleLine(label)) return
  throw usage(
    `A label must be a single line of 1 to ${MAX_LABEL_LENGTH} characters`,
    `${PROGRAM_NAME} connections add --help`,
  )
}
