import { Option, type Command } from 'commander'
import { plainToInstance } from 'class-transformer'
import { validateSync } from 'class-validator'
import { NewOperatorBody } from '../../accounts/account-bodies.js'
import { OperatorsService, type StaffRole } from '../../accounts/operators.service.js'
import type { User } from '../../generated/prisma/client.js'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'
import type { Cli } from '../cli.js'
import { CliError, EXIT, usage } from '../exit.js'
import type { Output } from '../output.js'
import { newPassword, type NewPassword } from '../password.js'
import { SELF } from '../self.js'

const ROLES: StaffRole[] = ['ADMIN', 'OPERATOR', 'VIEWER']

interface AddOptions {
  email: string
  name: string
  role: StaffRole
}

/** `operators add`, `operators reset-password`. Passwords are never arguments: other processes can read those. */
export function addOperators(program: Command, cli: Cli): void {
  const operators = program.command('operators').description('Staff accounts')
  addAdd(operators, cli)
  addReset(operators, cli)
}

function addAdd(operators: Command, cli: Cli): void {
  const add = operators
    .command('add')
    .description('Make an account; its password is asked for, else generated and printed once')
    .requiredOption('--email <email>', 'e-mail address, to sign in with')
    .requiredOption('--name <name>', 'as others see it')
    .addOption(new Option('--role <role>', 'what it may do').choices(ROLES).makeOptionMandatory())
  cli.on<AddOptions>(
    add,
    async ({ station, out, options }) => {
      const { email, name, role } = validated(options)
      await leaveRoomForAdmin(station.get(PrismaService), role)
      const password = await newPassword()
      const user = await station.get(OperatorsService).create(null, { email, name, role, password: password.text })
      show(out, user, password)
    },
    { check: (_args, options) => void validated(options) },
  )
}

function addReset(operators: Command, cli: Cli): void {
  const reset = operators
    .command('reset-password')
    .description('Give an account a new password and end its sessions')
    .argument('[email]', 'whose')
    .option('--email <email>', 'whose')
  cli.on<{ email?: string }>(
    reset,
    async ({ station, out, args: [email], options }) => {
      const address = email ?? options.email ?? ''
      const password = await newPassword()
      show(out, await station.get(OperatorsService).resetPassword(null, address, password.text), password)
    },
    {
      check: ([email], options) => {
        if (!email && !options.email)
          throw usage('Whose password? No e-mail address is given', `${SELF} operators reset-password EMAIL`)
      },
    },
  )
}

/** As the API has it. Throws CliError. */
function validated({ email, name, role }: AddOptions): AddOptions {
  const body = plainToInstance(NewOperatorBody, { email, name, role })
  const problems = validateSync(body).flatMap(({ constraints }) => Object.values(constraints ?? {}))
  if (problems.length > 0) throw usage(problems.join('; '), `${SELF} operators add --help`)
  return body
}

/** The service makes the first admin at its start, but only while there is no staff at all. */
async function leaveRoomForAdmin(prisma: PrismaService, role: StaffRole): Promise<void> {
  if (role === 'ADMIN' || (await prisma.user.count({ where: { role: 'ADMIN', active: true } })) > 0) return
  const fix = 'Start the service once: it makes the first admin. Or add an ADMIN first'
  throw new CliError('NO_ADMIN', EXIT.failed, 'There is no admin yet, and with other staff none would be made', fix)
}

function show(out: Output, { id, email, name, role }: User, { text, generated }: NewPassword): void {
  const shown = { id, email, name, role, ...(generated ? { password: text } : {}) }
  out.show(shown, () => out.facts(Object.entries(shown)))
  if (generated) out.say('The password is shown only now')
}
