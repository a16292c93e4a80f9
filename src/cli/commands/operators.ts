import { Option, type Command } from 'commander'
import { plainToInstance } from 'class-transformer'
import { validateSync } from 'class-validator'
import { NewOperatorBody, STAFF_ROLES, type StaffRole } from '../../accounts/accounts.dto.js'
import { OperatorsService } from '../../accounts/operators/operators.service.js'
import { SecondFactors } from '../../accounts/second-factor/second-factors.js'
import type { User } from '../../generated/prisma/client.js'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'
import type { Cli } from '../cli.js'
import { CliError, EXIT, usage } from '../terminal/exit.js'
import type { Output } from '../terminal/output.js'
import { newPassword, type NewPassword } from '../terminal/password.js'
import { PROGRAM_NAME } from '../terminal/program-name.js'

interface AddOptions {
  email: string
  name: string
  role: StaffRole
}

/** `operators add`, `operators reset-password`, `operators remove-totp`. Passwords are never arguments: other processes can read those. */
export function addOperators(program: Command, cli: Cli): void {
  const operators = program.command('operators').description('Staff accounts')
  addAdd(operators, cli)
  addReset(operators, cli)
  addRemoveTotp(operators, cli)
}

function addAdd(operators: Command, cli: Cli): void {
  const add = operators
    .command('add')
    .description('Create an account; the password is prompted for, or generated and printed once')
    .requiredOption('--email <email>', 'e-mail address, to sign in with')
    .requiredOption('--name <name>', 'display name')
    .addOption(new Option('--role <role>', 'role of the account').choices(STAFF_ROLES).makeOptionMandatory())
  cli.register<AddOptions>(
    add,
    async ({ context, out, options }) => {
      const { email, name, role } = validated(options)
      await assertAdminExists(context.get(PrismaService), role)
      const password = await newPassword()
      const user = await context.get(OperatorsService).create(null, { email, name, role, password: password.text })
      show(out, user, password)
    },
    { check: (_args, options) => void validated(options) },
  )
}

function addReset(operators: Command, cli: Cli): void {
  const reset = operators
    .command('reset-password')
    .description('Set a new password and end all sessions of the account')
    .argument('[email]', 'e-mail address of the account')
    .option('--email <email>', 'e-mail address of the account')
  cli.register<{ email?: string }>(
    reset,
    async ({ context, out, args: [email], options }) => {
      const address = email ?? options.email ?? ''
      const password = await newPassword()
      show(out, await context.get(OperatorsService).resetPassword(null, address, password.text), password)
    },
    {
      check: ([email], options) => {
        if (!email && !options.email)
          throw usage('An e-mail address is required', `${PROGRAM_NAME} operators reset-password EMAIL`)
      },
    },
  )
}

function addRemoveTotp(operators: Command, cli: Cli): void {
  const remove = operators
    .command('remove-totp')
    .description('Remove the authenticator app of an account whose owner has lost it')
    .argument('<email>', 'e-mail address of the account')
  cli.register(remove, async ({ context, out, args: [address = ''] }) => {
    const { id, email } = await context.get(SecondFactors).removeFrom(null, { email: address })
    out.show({ id, email, totp: false }, () => out.facts(Object.entries({ id, email, 'authenticator app': 'none' })))
  })
}

/** Validates like the API. Throws CliError. */
function validated({ email, name, role }: AddOptions): AddOptions {
  const body = plainToInstance(NewOperatorBody, { email, name, role })
  const problems = validateSync(body).flatMap(({ constraints }) => Object.values(constraints ?? {}))
  if (problems.length > 0) throw usage(problems.join('; '), `${PROGRAM_NAME} operators add --help`)
  return body
}

/** The service creates the first admin at start, but only while no staff account exists. */
async function assertAdminExists(prisma: PrismaService, role: StaffRole): Promise<void> {
  if (role === 'ADMIN' || (await prisma.user.count({ where: { role: 'ADMIN', active: true } })) > 0) return
  const fix = 'Start the service once: it creates the first admin. Or add an ADMIN first'
  throw new CliError('NO_ADMIN', EXIT.failed, 'No admin exists, and with other staff none would be created', fix)
}

function show(out: Output, { id, email, name, role }: User, { text, generated }: NewPassword): void {
  const shown = { id, email, name, role, ...(generated ? { password: text } : {}) }
  out.show(shown, () => out.facts(Object.entries(shown)))
  if (generated) out.info('The password is shown only once')
}
