{%- set mesures = {'note': 'note_moyenne', 'taux': 'taux_satisfaits'} -%}
with satisfaction as (
    select
        *,
        {{ motif_de() }} as motif
    from {{ ref('int_satisfaction') }}
    where
        segment <> 'NR'
        and statut <> 'Z'
),

estimation as (
    select *
    from {{ ref('int_estimation') }}
    where
        axe <> 'ensemble'
        and segment <> 'NR'
        and taux_satisfaits is not null
),

region as (
    select distinct
        vague,
        ensemble
    from {{ ref('int_perimetres') }}
    where
        methode = 'publie'
        and perimetre_type = 'region'
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

parametres as (
    select * from {{ ref('stg_parametres') }}
),

-- Le profil de la région : ce que chaque segment connu y pèse parmi ceux qui répondent à la question.
profil as (
    select
        estimation.vague,
        estimation.axe,
        estimation.segment,
        estimation.question_code,
        estimation.base_ponderee
        / {{ somme(
            'estimation.base_ponderee',
            '(partition by estimation.vague, estimation.axe, estimation.question_code)'
        ) }} as part
    from estimation
    inner join region
        on
            estimation.vague = region.vague
            and estimation.ensemble = region.ensemble
),

cellules as (
    select
        satisfaction.vague,
        satisfaction.perimetre_type,
        satisfaction.perimetre,
        satisfaction.axe,
        satisfaction.segment,
        satisfaction.question_code,
        profil.part,
        satisfaction.base_brute,
        satisfaction.base_ponderee,
        satisfaction.ddl,
        {%- for m, colonne in mesures.items() %}
        satisfaction.{{ colonne }} as {{ m }},
        satisfaction.{{ m }}_erreur_type,
        regionales.{{ colonne }} as {{ m }}_region,
        satisfaction.{{ colonne }} - centres.{{ m }}_centre as {{ m }}_ecart,
        {%- endfor %}
        case
            when satisfaction.statut <> 'V'
                then {{ motif_d_une_autre('segment', 'satisfaction.motif', 'satisfaction.segment') }}
            when regionales.statut <> 'V'
                then {{ motif_d_une_autre('segment_region', 'regionales.motif', 'satisfaction.segment') }}
        end as motif
    from profil
    inner join satisfaction
        on
            profil.vague = satisfaction.vague
            and profil.axe = satisfaction.axe
            and profil.segment = satisfaction.segment
            and profil.question_code = satisfaction.question_code
    inner join satisfaction as regionales
        on
            profil.vague = regionales.vague
            and regionales.perimetre_type = 'region'
            and profil.axe = regionales.axe
            and profil.segment = regionales.segment
            and profil.question_code = regionales.question_code
    inner join centres
        on
            profil.vague = centres.vague
            and profil.question_code = centres.question_code
    where satisfaction.perimetre_type <> 'region'
),

-- Les segments d'un périmètre sont des domaines d'un même échantillon : leurs moyennes varient ensemble.
covariances as (
    select
        un.vague,
        un.perimetre_type,
        un.perimetre,
        un.axe,
        un.question_code,
        {%- for m in mesures %}
        -2 * {{ somme(
            'un.part * deux.part * (croises.' ~ m ~ '_r00 - un.' ~ m ~ '_ecart * croises.' ~ m ~ '_r01 - deux.' ~ m
            ~ '_ecart * croises.' ~ m ~ '_r10 + un.' ~ m ~ '_ecart * deux.' ~ m
            ~ '_ecart * croises.r11) / (un.base_ponderee * deux.base_ponderee)'
        ) }} as {{ m }}_covariance,
        {%- endfor %}
        count(*) as nb_paires
    from cellules as un
    inner join croises
        on
            un.vague = croises.vague
            and un.perimetre_type = croises.perimetre_type
            and un.perimetre = croises.perimetre
            and un.axe = croises.axe
            and un.segment = croises.segment
            and un.question_code = croises.question_code
    inner join cellules as deux
        on
            un.vague = deux.vague
            and un.perimetre_type = deux.perimetre_type
            and un.perimetre = deux.perimetre
            and un.axe = deux.axe
            and croises.segment_compare = deux.segment
            and un.question_code = deux.question_code
    group by un.vague, un.perimetre_type, un.perimetre, un.axe, un.question_code
),

sommes as (
    select
        vague,
        perimetre_type,
        perimetre,
        axe,
        question_code,
        {%- for m in mesures %}
        {{ somme('part * ' ~ m) }} as {{ m }}_profil,
        {{ somme('part * ' ~ m ~ '_region') }} as {{ m }}_region,
        {{ somme('part * part * ' ~ m ~ '_erreur_type * ' ~ m ~ '_erreur_type') }} as {{ m }}_variance,
        {%- endfor %}
        cast(count(*) as bigint) as nb_segments,
        cast(sum(base_brute) as bigint) as base_brute,
        cast(sum(ddl) as bigint) as ddl,
        min_by(motif, case when motif is not null then segment end) as motif
    from cellules
    group by vague, perimetre_type, perimetre, axe, question_code
    having count(*) > 1
),

juges as (
    select
        sommes.*,
        {%- for m, colonne in mesures.items() %}
        tous.{{ colonne }} as {{ m }},
        {{ erreur_ecart(
            'sommes.' ~ m ~ '_variance', 'coalesce(covariances.' ~ m ~ '_covariance, 0)'
        ) }} as {{ m }}_erreur,
        {%- endfor %}
        quantile_student(parametres.confiance, sommes.ddl) as t,
        case
            when tous.statut <> 'V' then tous.statut
            when sommes.motif is not null then 'S'
            else 'V'
        end as statut,
        case
            when tous.statut <> 'V' then tous.motif
            else sommes.motif
        end as motif_du_profil
    from sommes
    cross join parametres
    inner join satisfaction as tous
        on
            sommes.vague = tous.vague
            and sommes.perimetre_type = tous.perimetre_type
            and sommes.perimetre = tous.perimetre
            and tous.axe = 'ensemble'
            and sommes.question_code = tous.question_code
    left join covariances
        on
            sommes.vague = covariances.vague
            and sommes.perimetre_type = covariances.perimetre_type
            and sommes.perimetre = covariances.perimetre
            and sommes.axe = covariances.axe
            and sommes.question_code = covariances.question_code
)

select
    vague,
    perimetre_type,
    perimetre,
    axe,
    question_code,
    {{ si_publie('nb_segments') }} as nb_segments,
    {{ si_publie('base_brute') }} as base_brute,
    {{ si_publie('ddl') }} as ddl,
    {{ si_publie('note') }} as note_moyenne,
    {{ si_publie('note_profil') }} as note_profil_comparable,
    {{ si_publie('note_erreur') }} as note_profil_erreur_type,
    {{ si_publie('note_profil - t * note_erreur') }} as note_profil_ic_bas,
    {{ si_publie('note_profil + t * note_erreur') }} as note_profil_ic_haut,
    {{ si_publie('note_region') }} as note_region,
    {{ si_publie('taux') }} as taux_satisfaits,
    {{ si_publie('taux_profil') }} as taux_profil_comparable,
    {{ si_publie('taux_erreur') }} as taux_profil_erreur_type,
    {{ si_publie('taux_region') }} as taux_region,
    statut,
    {{ colonnes_motif('motif_du_profil') }}
from juges
