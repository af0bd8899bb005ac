{%- set famille = ['vague', 'perimetre_type', 'perimetre', 'comparaison', 'axe'] -%}
{%- set mesures = {'note': 'note_moyenne', 'taux': 'taux_satisfaits'} -%}
with estimation as (
    select * from {{ ref('int_estimation') }}
),

satisfaction as (
    select *
    from {{ ref('int_satisfaction') }}
    where
        segment <> 'NR'
        and statut <> 'Z'
),

croises as (
    select * from {{ ref('int_croises') }}
),

centres as (
    select distinct
        vague,
        question_code,
        note_centre,
        taux_centre
    from {{ ref('int_moments_strates') }}
),

perimetres as (
    select * from {{ ref('int_perimetres') }}
),

segments as (
    select * from {{ ref('stg_segments') }}
    where segment <> 'NR'
),

parametres as (
    select * from {{ ref('stg_parametres') }}
),

restes as (
    select distinct
        vague,
        perimetre_type,
        perimetre,
        ensemble
    from perimetres
    where methode = 'reste'
),

paires as (
    select
        segments.axe,
        segments.segment,
        compares.segment as segment_compare
    from segments
    inner join segments as compares
        on
            segments.axe = compares.axe
            and segments.ordre < compares.ordre
),

-- D'un segment à l'autre du même périmètre : deux domaines d'un même échantillon, donc une covariance.
entre_segments as (
    select
        'segment' as comparaison,
        un.vague,
        un.perimetre_type,
        un.perimetre,
        un.axe,
        un.segment,
        deux.segment as segment_compare,
        un.question_code,
        un.base_brute,
        deux.base_brute as base_brute_comparee,
        greatest(
            un.base_brute - un.nb_strates
            + deux.base_brute - deux.nb_strates
            + coalesce(croises.nb_strates_communes, 0) - 1,
            1
        ) as ddl,
        {%- for m, colonne in mesures.items() %}
        un.{{ colonne }} as {{ m }},
        deux.{{ colonne }} as {{ m }}_comparee,
        un.{{ m }}_erreur_type * un.{{ m }}_erreur_type
        + deux.{{ m }}_erreur_type * deux.{{ m }}_erreur_type as {{ m }}_variances,
        -- un domaine sans variance n'a de covariance avec aucun autre
        case
            when croises.r11 is null or un.{{ m }}_erreur_type = 0 or deux.{{ m }}_erreur_type = 0 then 0.0
            else
                2 * (
                    croises.{{ m }}_r00
                    - (un.{{ colonne }} - centres.{{ m }}_centre) * croises.{{ m }}_r01
                    - (deux.{{ colonne }} - centres.{{ m }}_centre) * croises.{{ m }}_r10
                    + (un.{{ colonne }} - centres.{{ m }}_centre)
                    * (deux.{{ colonne }} - centres.{{ m }}_centre)
                    * croises.r11
                ) / (un.base_ponderee * deux.base_ponderee)
        end as {{ m }}_covariances,
        {%- endfor %}
        {{ motif_de('un') }} as motif_propre,
        {{ motif_de('deux') }} as motif_compare
    from satisfaction as un
    inner join paires
        on
            un.axe = paires.axe
            and un.segment = paires.segment
    inner join satisfaction as deux
        on
            un.vague = deux.vague
            and un.perimetre_type = deux.perimetre_type
            and un.perimetre = deux.perimetre
            and un.axe = deux.axe
            and paires.segment_compare = deux.segment
            and un.question_code = deux.question_code
    inner join centres
        on
            un.vague = centres.vague
            and un.question_code = centres.question_code
    left join croises
        on
            un.vague = croises.vague
            and un.perimetre_type = croises.perimetre_type
            and un.perimetre = croises.perimetre
            and un.axe = croises.axe
            and un.segment = croises.segment
            and deux.segment = croises.segment_compare
            and un.question_code = croises.question_code
    where centres.taux_centre is not null
),

-- D'un organisme à tous les autres, qui l'excluent : aucune strate en commun, donc aucune covariance.
face_au_reste as (
    select
        'reste_region' as comparaison,
        un.vague,
        un.perimetre_type,
        un.perimetre,
        un.axe,
        un.segment,
        un.segment as segment_compare,
        un.question_code,
        un.base_brute,
        deux.base_brute as base_brute_comparee,
        greatest(un.ddl + deux.ddl - 1, 1) as ddl,
        {%- for m, colonne in mesures.items() %}
        un.{{ colonne }} as {{ m }},
        deux.{{ colonne }} as {{ m }}_comparee,
        un.{{ m }}_erreur_type * un.{{ m }}_erreur_type
        + deux.{{ m }}_erreur_type * deux.{{ m }}_erreur_type as {{ m }}_variances,
        0.0 as {{ m }}_covariances,
        {%- endfor %}
        {{ motif_de('un') }} as motif_propre,
        -- avec ses propres chiffres, un organisme tire du reste de la région ceux de la région
        case
            when region.statut <> 'V' then {{ motif('region_masquee') }}
            else
                {{ motif_cellule(
                    'true', 'deux.base_brute', 'deux.nb_organismes', 'deux.part_dominante', "'reste'"
                ) }}
        end as motif_compare
    from satisfaction as un
    inner join restes
        on
            un.vague = restes.vague
            and un.perimetre_type = restes.perimetre_type
            and un.perimetre = restes.perimetre
    inner join estimation as deux
        on
            un.vague = deux.vague
            and restes.ensemble = deux.ensemble
            and un.axe = deux.axe
            and un.segment = deux.segment
            and un.question_code = deux.question_code
    inner join satisfaction as region
        on
            region.perimetre_type = 'region'
            and un.vague = region.vague
            and un.axe = region.axe
            and un.segment = region.segment
            and un.question_code = region.question_code
    cross join parametres
    where deux.taux_satisfaits is not null
),

cellules as (
    select * from entre_segments
    union all
    select * from face_au_reste
),

motivees as (
    select
        *,
        case
            when motif_propre is not null then motif_propre
            when comparaison = 'segment' then {{ motif_d_une_autre('segment', 'motif_compare', 'segment_compare') }}
            else {{ motif_d_une_autre('autres_organismes', 'motif_compare') }}
        end as motif
    from cellules
),

jugees as (
    select
        cellules.*,
        {{ statut_motif('cellules.motif') }} as statut,
        case
            when cellules.note is not null and cellules.note_comparee is not null then 'note'
            else 'taux'
        end as mesure,
        least(cellules.base_brute, cellules.base_brute_comparee) as base_minimum,
        true as est_comparable,
        quantile_student(parametres.confiance, cellules.ddl) as t,
        parametres.alpha,
        parametres.base_fragile,
        parametres.materialite_note,
        parametres.materialite_taux
    from motivees as cellules
    cross join parametres
),

ecarts as (
    select
        *,
        {%- for m in mesures %}
        {{ si_publie(m ~ ' - ' ~ m ~ '_comparee') }} as ecart_{{ m }},
        {{ si_publie(erreur_ecart(m ~ '_variances', m ~ '_covariances')) }} as erreur_{{ m }},
        {%- endfor %}
        case when mesure = 'note' then materialite_note else materialite_taux end as materialite
    from jugees
),

juges as (
    select
        *,
        case when mesure = 'note' then ecart_note else ecart_taux end as ecart,
        case when mesure = 'note' then erreur_note else erreur_taux end as erreur
    from ecarts
),

tests as (
    select
        *,
        {{ p_ecart('ecart', 'erreur') }} as p_valeur
    from juges
),

{{ p_ajustees(famille) }}

select
    vague,
    perimetre_type,
    perimetre,
    comparaison,
    axe,
    segment,
    segment_compare,
    question_code,
    {{ si_publie('base_brute') }} as base_brute,
    {{ si_publie('base_brute_comparee') }} as base_brute_comparee,
    {{ si_publie('ddl') }} as ddl,
    {{ si_publie('note') }} as note_moyenne,
    {{ si_publie('note_comparee') }} as note_comparee,
    ecart_note,
    erreur_note as erreur_type,
    ecart_note - t * erreur_note as ecart_note_ic_bas,
    ecart_note + t * erreur_note as ecart_note_ic_haut,
    {{ si_publie('taux') }} as taux_satisfaits,
    {{ si_publie('taux_comparee') }} as taux_compare,
    ecart_taux,
    erreur_taux as erreur_type_taux,
    ecart_taux - t * erreur_taux as ecart_taux_ic_bas,
    ecart_taux + t * erreur_taux as ecart_taux_ic_haut,
    {{ si_publie('mesure') }} as mesure,
    p_valeur,
    p_ajustee as p_valeur_ajustee,
    {{ verdict_position() }} as verdict,
    statut,
    {{ colonnes_motif('motif') }}
from ajustes
