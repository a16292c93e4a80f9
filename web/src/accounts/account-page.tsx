import { Stack, Title } from '@mantine/core'
import { useMay } from '../api/session'
import { Customers } from './customers'
import { NewOperator } from './new-operator'
import { Operators } from './operators'
import { OwnPassword } from './own-password'
import { PersonalData } from './personal-data'
import { SecondFactor } from './second-factor'
import { Sessions } from './sessions'

export default function AccountPage() {
  const admin = useMay('ADMIN')
  const operator = useMay('OPERATOR')
  return (
    <Stack>
      <Title order={1} size="h2">
        Users and sessions
      </Title>
      <Sessions />
      <OwnPassword />
      <SecondFactor />
      {operator ? <Customers /> : null}
      {admin ? <Operators /> : null}
      {admin ? <NewOperator /> : null}
      {admin ? <PersonalData /> : null}
    </Stack>
  )
}
