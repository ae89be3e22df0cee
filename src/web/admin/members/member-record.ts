/** A member, as the API says it. */
export interface MemberRecord {
  readonly id: string
  readonly member_no: string
  readonly name: string
  readonly org_code: string
  readonly standing: 'active' | 'suspended' | 'retired' | 'left'
  readonly occupation?: string
  readonly joined_on?: string
  readonly has_mobile: boolean
}

/** A member in a list: the name is shown where the record is opened. */
export interface ListedMember extends Omit<MemberRecord, 'name'> {
  readonly name_masked: string
}

export interface DeviceRecord {
  readonly id: string
  readonly name: string
  readonly enrolled_at: number
  readonly revoked_at?: number
}

export interface CredentialRecord {
  readonly id: string
  readonly status: string
  readonly issued_at: number
  readonly expires_at: number
}

export interface MembershipRecord {
  readonly org_code: string
  readonly from?: string
  readonly until?: string
}

export interface VoucherRecord {
  readonly id: string
  readonly name_zh: string
  readonly name_en: string
  readonly state: string
  readonly valid_to: number
}
