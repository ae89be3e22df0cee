import { describe, expect, it } from 'vitest'

import { type MemberFacts, membershipClaims } from '../../src/credentials/membership-claims.ts'

const facts: MemberFacts = {
  member: {
    ...{ id: 'm', bucket: 1, personId: 'p', memberNo: 'A1', name: '欧阳伟', orgCode: '640104' },
    ...{ standing: 'active', occupation: 'courier', joinedOn: '2020-01-01' },
    ...{ birthDate: '2008-02-29', gender: 'female', hardship: true, modelWorker: false },
    ...{ mobileHash: null, sealedMobile: null, createdAt: 0, updatedAt: 0 },
  },
  organisation: { code: '640104', nameZh: '兴庆区总工会', level: 'county', region: 640104 },
  portraitDigest: 'e30'.repeat(14),
}
const on = (day: string) => ({ node: 'nx', now: Date.parse(`${day}T00:00:00+08:00`) })
const claimsOn = (day: string) => membershipClaims(facts, on(day)).selective

describe('the claims of a membership', () => {
  it('are all selective, the organisation with members of its own', () => {
    const { selective, nested } = membershipClaims(facts, on('2026-06-01'))
    expect(nested).toEqual(['organisation'])
    expect(selective).toEqual({
      membership_number: 'A1',
      name: '欧阳伟',
      name_masked: '欧阳**',
      organisation: { code: '640104', name: '兴庆区总工会', level: 'county' },
      node: 'nx',
      region: '640104',
      joined_on: '2020-01-01',
      standing: 'active',
      occupation_group: 'courier',
      new_employment_form: true,
      hardship: true,
      model_worker: false,
      age_over_18: true,
      age_over_45: false,
      gender: 'female',
      birth_year: 2008,
      photo_digest: 'e30'.repeat(14),
    })
  })

  it('turn on the birthday where the union is, on 1 March for who was born on 29 February', () => {
    expect(claimsOn('2026-02-28').age_over_18).toBe(false)
    expect(claimsOn('2026-03-01').age_over_18).toBe(true)
  })

  it('leave out what is not on record, with as many digests', () => {
    const { member, organisation } = facts
    const bare = { ...member, occupation: null, birthDate: null, gender: null, hardship: null }
    const nothing = { member: bare, organisation, portraitDigest: null }
    const made = membershipClaims(nothing, on('2026-06-01'))
    for (const name of ['occupation_group', 'new_employment_form', 'age_over_18', 'photo_digest']) {
      expect(made.selective).not.toHaveProperty(name)
    }
    expect(made.digests).toEqual(membershipClaims(facts, on('2026-06-01')).digests)
  })
})
