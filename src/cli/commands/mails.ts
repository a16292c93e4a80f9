import { Option, type Command } from 'commander'
import { MAIL_STATES, type MailState } from '../../mails/mails.dto.js'
import { UnsentMails } from '../../mails/unsent-mails.js'
import type { Cli } from '../cli.js'
import { limitOption, pagesOf } from '../terminal/lists.js'
import { PROGRAM_NAME } from '../terminal/program-name.js'

interface ListOptions {
  limit: number
  state: MailState
}

/** `mails list`, `mails retry ID`. */
export function addMails(program: Command, cli: Cli): void {
  const mails = program.command('mails').description('Mails that were not sent')
  const list = mails.command('list').description('List these mails, newest first').addOption(limitOption())
  list.addOption(new Option('--state <state>', 'mails in this state').choices(MAIL_STATES).default('FAILED'))
  cli.register<ListOptions>(list, async ({ context, out, options: { limit, state } }) => {
    const unsent = context.get(UnsentMails)
    const page = await pagesOf(limit, (part) => unsent.list({ ...part, state }))
    out.show(page, () =>
      out.table(
        ['ID', 'KIND', 'STATE', 'ABOUT', 'CREATED', 'FAILURE'],
        page.items.map(({ id, kind, state, about, createdAt, failure }) => {
          return [id, kind, state, about ?? '', createdAt, failure ?? '']
        }),
      ),
    )
    if (page.items.some((mail) => mail.state === 'FAILED')) out.next(`${PROGRAM_NAME} mails retry ID`)
  })
  const retry = mails.command('retry').description('Compose a failed mail again, and send it').argument('<id>')
  cli.register(retry, async ({ context, out, args: [id = ''] }) => {
    const mail = await context.get(UnsentMails).retry(id, null)
    out.show(mail, () =>
      out.facts([
        ['mail', mail.id],
        ['state', mail.state],
      ]),
    )
    out.next(`${PROGRAM_NAME} mails list (a mail that fails again is listed again)`)
  })
}
