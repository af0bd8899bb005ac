with participants as (
    select * from {{ ref('int_participants') }}
),

declares as (
    select * from {{ ref('stg_perimetres') }}
),

libelles as (
    select * from {{ ref('int_perimetres_libelles') }}
),

parametres as (
    select * from {{ ref('stg_parametres') }}
),

bornes as (
    select cast(taille as bigint) as borne
    from (
        select {{ eclater('tailles') }} as taille
        from parametres
    ) as tailles_declarees
),

-- La classe d'un organisme va de la plus grande borne qu'il atteint à la plus petite qui le dépasse.
tailles as (
    select
        {{ prises('participants', ['vague', 'organisme_code']) }},
        max(case when bornes.borne <= participants.parc then bornes.borne end) as borne_basse,
        min(case when bornes.borne > participants.parc then bornes.borne end) as borne_haute
    from participants
    cross join bornes
    where participants.parc is not null
    group by all
)

select
    vague,
    organisme_code,
    'region' as groupe_type,
    'region' as groupe,
    {{ texte('groupe', "'tous'") }} as groupe_libelle
from participants
union all
-- Ceux avec qui il fait un périmètre que le programme publie.
select
    participants.vague,
    participants.organisme_code,
    declares.perimetre_type as groupe_type,
    declares.perimetre as groupe,
    libelles.libelle as groupe_libelle
from participants
inner join declares
    on {{ memes('participants', 'declares', ['vague', 'organisme_code', 'valide_de']) }}
inner join libelles
    on {{ memes('declares', 'libelles', ['perimetre_type', 'perimetre']) }}
union all
select
    vague,
    organisme_code,
    'taille' as groupe_type,
    cast(coalesce(borne_basse, 0) as {{ dbt.type_string() }}) as groupe,
    replace(
        replace(
            {{ texte(
                'groupe',
                "case when borne_basse is null then 'moins' when borne_haute is null then 'plus' else 'entre' end"
            ) }},
            '{bas}',
            coalesce(cast(borne_basse as {{ dbt.type_string() }}), '')
        ),
        '{haut}',
        coalesce(cast(borne_haute as {{ dbt.type_string() }}), '')
    ) as groupe_libelle
from tailles
