{%- set cle_de_priorite = ['vague', 'perimetre_type', 'perimetre', 'question_globale', 'niveau', 'code'] -%}
-- Quartiles, priorités et profils publiés ont de quoi l'être, dit de nouveau de int_secret, des entretiens et des seuils.
with {{ cellules_jugees() }},

ensembles as (
    select * from publiees
    where axe = 'ensemble'
),

-- Les organismes d'un groupe dont le chiffre est publié chez eux.
groupes as (
    select
        groupes.vague,
        groupes.groupe_type,
        groupes.groupe,
        ensembles.question_code,
        count(*) as nb_organismes
    from {{ ref('int_groupes') }} as groupes
    inner join ensembles
        on
            groupes.vague = ensembles.vague
            and ensembles.perimetre_type = 'organisme'
            and groupes.organisme_code = ensembles.perimetre
    where ensembles.motif is null
    group by all
),

-- Le premier segment du profil qui est masqué, chez le périmètre ou dans la région.
profils as (
    select
        {{ prises('propres', ['vague', 'perimetre_type', 'perimetre', 'axe', 'question_code']) }},
        min_by(
            case
                when propres.motif is not null
                    then {{ motif_d_une_autre('segment', 'propres.motif', 'propres.segment') }}
                else {{ motif_d_une_autre('segment_region', 'regions.motif', 'propres.segment') }}
            end,
            case when propres.motif is not null or regions.motif is not null then propres.segment end
        ) as motif
    from publiees as propres
    inner join publiees as regions
        on
            propres.vague = regions.vague
            and regions.perimetre_type = 'region'
            and {{ memes('propres', 'regions', ['axe', 'segment', 'question_code']) }}
    where
        regions.base_brute > 0
        and propres.segment <> 'NR'
    group by all
)

select
    'fct_profil_comparable' as fait,
    {{ prises('lignes', ['vague', 'perimetre_type', 'perimetre', 'question_code', 'statut']) }},
    {{ motif_de('lignes') }} as raison
from {{ sorties(ref('fct_profil_comparable'), ref('int_profil')) }} as lignes
left join ensembles
    on {{ memes('lignes', 'ensembles', ['vague', 'perimetre_type', 'perimetre', 'question_code']) }}
left join profils
    on {{ memes('lignes', 'profils', ['vague', 'perimetre_type', 'perimetre', 'axe', 'question_code']) }}
where
    profils.vague is null
    or coalesce({{ motif_de('lignes') }}, '') <> coalesce(ensembles.motif, profils.motif, '')
union all
select
    'fct_quartile' as fait,
    {{ prises('lignes', ['vague', 'perimetre_type', 'perimetre', 'question_code', 'statut']) }},
    {{ motif_de('lignes') }} as raison
from {{ sorties(ref('fct_quartile'), ref('int_quartiles')) }} as lignes
cross join parametres
left join groupes
    on {{ memes('lignes', 'groupes', ['vague', 'groupe_type', 'groupe', 'question_code']) }}
left join ensembles
    on {{ memes('lignes', 'ensembles', ['vague', 'perimetre_type', 'perimetre', 'question_code']) }}
left join ensembles as regions
    on
        {{ memes('lignes', 'regions', ['vague', 'question_code']) }}
        and regions.perimetre_type = 'region'
left join ensembles as propres
    on
        {{ memes('lignes', 'propres', ['vague', 'question_code']) }}
        and lignes.groupe_type = propres.perimetre_type
        and lignes.groupe = propres.perimetre
where
    lignes.statut = 'V' and (
        coalesce(groupes.nb_organismes, 0) < parametres.organismes_repartition
        or case when propres.vague is null then regions.motif else propres.motif end is not null
        or (lignes.perimetre_type = 'organisme' and (ensembles.vague is null or ensembles.motif is not null))
    )
union all
select
    'fct_priorite' as fait,
    {{ prises('lignes', ['vague', 'perimetre_type', 'perimetre', 'code', 'statut']) }},
    {{ motif_de('lignes') }} as raison
from {{ sorties(ref('fct_priorite'), ref('int_priorites')) }} as lignes
cross join parametres
left join {{ ref('int_importances') }} as importances
    on {{ memes('lignes', 'importances', cle_de_priorite) }}
left join ensembles
    on
        lignes.niveau = 'question'
        and {{ memes('lignes', 'ensembles', ['vague', 'perimetre_type', 'perimetre']) }}
        and lignes.code = ensembles.question_code
where
    lignes.statut = 'V' and (
        importances.vague is null
        or round(importances.base_efficace) < parametres.priorites_base_minimale
        or ensembles.motif is not null
        or {{ motif_organismes('importances.nb_organismes', 'importances.part_dominante', 'lignes.perimetre_type') }}
        is not null
    )
