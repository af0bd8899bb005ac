{%- set cellule = ['vague', 'perimetre_type', 'perimetre', 'question_code'] -%}
{%- set cle = ['vague', 'perimetre_type', 'perimetre', 'question_code', 'source', 'unite', 'millesime'] -%}
with satisfaction as (
    select
        *,
        {{ motif_de() }} as motif
    from {{ ref('int_satisfaction') }}
    where axe = 'ensemble'
),

sensibilite as (
    select *
    from {{ ref('int_sensibilite') }}
    where axe = 'ensemble'
),

-- Les lectures d'une cellule : la publiée, et une par barème déclaré, qui ne change que les notes.
lectures as (
    select
        {{ cellule | join(', ') }},
        nb_organismes,
        base_brute,
        base_verdict,
        ddl,
        statut,
        motif,
        '' as bareme,
        note_imprimee as note,
        note_imprimee_erreur_type as note_erreur_type,
        taux_imprime as taux,
        taux_imprime_erreur_type as taux_erreur_type
    from satisfaction
    union all
    select
        {{ prises('satisfaction', cellule) }},
        satisfaction.nb_organismes,
        satisfaction.base_brute,
        satisfaction.base_verdict,
        satisfaction.ddl,
        satisfaction.statut,
        satisfaction.motif,
        sensibilite.bareme || ' ' || sensibilite.bareme_version as bareme,
        sensibilite.note,
        sensibilite.note_erreur_type,
        cast(null as double) as taux,
        cast(null as double) as taux_erreur_type
    from satisfaction
    inner join sensibilite
        on {{ memes('satisfaction', 'sensibilite', cellule) }}
    where satisfaction.statut = 'V'
),

-- Une source ne dit pas comment les réponses dont elle fait une note se dispersent : comme celles de la région.
dispersions as (
    select
        vague,
        question_code,
        note_erreur_type * note_erreur_type / note_effet_plan * (base_brute - 1) as variance
    from satisfaction
    where perimetre_type = 'region' and note_effet_plan > 0
),

references_nationales as (
    select * from {{ ref('stg_references_nationales') }}
),

questions as (
    select * from {{ ref('stg_questions') }}
),

parametres as (
    select * from {{ ref('stg_parametres') }}
),

-- La mesure régionale dans l'unité de la source : jamais l'inverse, la valeur publiée reste telle quelle.
rapproches as (
    select
        {{ prises('lectures', cellule) }},
        references_nationales.source,
        references_nationales.unite,
        references_nationales.millesime,
        references_nationales.valeur as reference,
        references_nationales.est_demonstration,
        references_nationales.erreur_type is null
        and references_nationales.base_effectif is null as est_supposee,
        lectures.bareme,
        lectures.nb_organismes,
        lectures.base_brute,
        lectures.base_verdict,
        lectures.ddl,
        lectures.statut,
        lectures.motif,
        case
            when not coalesce(references_nationales.est_comparable, false)
                then
                    case
                        when references_nationales.motif_non_comparable is null then {{ motif('source_non_declaree') }}
                        else {{ motif('source_non_comparable', 'references_nationales.motif_non_comparable') }}
                    end
            when references_nationales.echelle is null then {{ motif('echelle_inconnue') }}
            when references_nationales.echelle <> questions.echelle
                then {{ motif('echelle_differente', 'references_nationales.echelle') }}
            when coalesce(references_nationales.filtre, '') <> coalesce(questions.filtre, '')
                then {{ motif('base_differente', 'references_nationales.base') }}
        end as motif_declare,
        case references_nationales.unite
            when 'note_10' then lectures.note
            when 'pourcentage_satisfaits' then 100 * lectures.taux
        end as valeur,
        case references_nationales.unite
            when 'note_10' then lectures.note_erreur_type
            when 'pourcentage_satisfaits' then 100 * lectures.taux_erreur_type
        end as erreur_type_valeur,
        -- L'erreur que la source publie ; à défaut, celle d'un sondage simple de sa base, dite ou supposée.
        coalesce(
            references_nationales.erreur_type,
            sqrt(
                case references_nationales.unite
                    when 'note_10' then dispersions.variance
                    when 'pourcentage_satisfaits'
                        then references_nationales.valeur * (100 - references_nationales.valeur)
                end
                / coalesce(references_nationales.base_effectif, nullif(parametres.reference_base_supposee, 0))
            )
        ) as erreur_type_reference,
        case references_nationales.unite
            when 'note_10' then parametres.materialite_note
            when 'pourcentage_satisfaits' then 100 * parametres.materialite_taux
        end as materialite,
        parametres.alpha,
        parametres.base_fragile,
        parametres.reference_base_supposee,
        quantile_student(parametres.confiance, lectures.ddl) as quantile
    from lectures
    inner join references_nationales
        on
            lectures.vague = references_nationales.vague
            and lectures.question_code = references_nationales.question_code
    inner join questions
        on lectures.question_code = questions.question_code
    left join dispersions
        on
            lectures.vague = dispersions.vague
            and lectures.question_code = dispersions.question_code
    cross join parametres
    where lectures.bareme = '' or references_nationales.unite = 'note_10'
),

juges as (
    select
        *,
        case
            when motif_declare is not null then motif_declare
            when statut = 'V' and valeur is null then {{ motif('unite_sans_mesure') }}
        end as motif_source
    from rapproches
),

ecarts as (
    select
        *,
        motif_source is null as est_comparable,
        case when statut = 'V' and motif_source is null then valeur - reference end as ecart,
        case
            when statut = 'V' and motif_source is null
                then
                    sqrt(
                        erreur_type_valeur * erreur_type_valeur
                        + coalesce(erreur_type_reference * erreur_type_reference, 0)
                    )
        end as erreur
    from juges
),

-- Sans l'erreur de la source, ni test ni équivalence : le verdict est retenu.
tests as (
    select
        *,
        case when erreur_type_reference is not null then {{ p_ecart('ecart', 'erreur') }} end as p_valeur,
        case when erreur_type_reference is not null then quantile end as t
    from ecarts
),

-- Toutes les références mises en regard d'un périmètre sont sous les yeux à la fois.
{{ p_ajustees(['vague', 'perimetre_type', 'perimetre', 'bareme']) }},

verdicts as (
    select
        *,
        {{ verdict_position() }} as verdict,
        {{ motif_verdict_reference() }} as motif_du_verdict
    from ajustes
),

compares as (
    select
        *,
        min(verdict) over lectures_d_une_note <> max(verdict) over lectures_d_une_note as change
    from verdicts
    window lectures_d_une_note as (partition by {{ cle | join(', ') }})
),

publies as (
    select
        *,
        erreur as erreur_type,
        p_ajustee as p_valeur_ajustee,
        case when unite = 'note_10' and verdict <> 'non comparable' then change end as verdict_sensible_bareme,
        {{ colonnes_motif('motif_du_verdict', 'motif_verdict', 'motif_verdict') }},
        {{ colonnes_motif('motif_source', 'motif_non_comparable', 'motif_non_comparable') }},
        {{ colonnes_motif('motif') }}
    from compares
    where bareme = ''
)

{{ masquer('publies', pour='fct_ecart_reference', aussi=['base_brute', 'nb_organismes']) }}
